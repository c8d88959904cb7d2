/// A line of a call that was about to run, with what its variables stood for.
package struct LuaStop: Sendable {
  package var line: Int
  package var variables: [String: LuaWorth]

  package init(line: Int, variables: [String: LuaWorth]) {
    self.line = line
    self.variables = variables
  }
}

/// Finds in the lines that ran of a plugin's function where it decided, and by which comparisons.
///
/// Conditions are worked out over what variables held when their line was about to run; nothing of the plugin runs for
/// it. Where a part takes more than that (a call of a function), what came of it is read from the lines that ran next.
package struct LuaDecider: Sendable {
  /// Where a call decided.
  package struct Decision: Sendable {
    package var line: Int
    package var parts: [LuaComparison]
    /// Names of the function's parameters, which need not be said: the event's and that of the features.
    package var parameters: [String]
    /// Locals that are nothing but a member of a parameter: `times` of `local times = f.times_hour or 0`.
    package var aliases: [String: LuaExpression]
  }

  private let functions: [LuaFunction]

  package init(source: String) { functions = LuaFunction.all(of: source) }

  /// Lines at which something is decided: of others nothing need be known but that they ran.
  package var lines: Set<Int> { Set(functions.flatMap(\.decisions).flatMap(\.lines)) }

  /// The function that was called: its first statement ran first.
  private func function(of stops: [LuaStop]) -> LuaFunction? {
    guard let first = stops.first?.line else { return nil }
    return functions.first { $0.lines.lowerBound == first }
      ?? functions.last { $0.lines.contains(first) }
  }

  /// Of a call that found nothing: which parts of which condition would have had to be otherwise.
  package func silence(
    _ stops: [LuaStop], member: @escaping (String, String, [String]) -> LuaWorth
  ) -> Decision? {
    guard let function = function(of: stops) else { return nil }
    let met = met(function, stops, hasFound: false, member)
    guard let place = met.lastIndex(where: { $0.isSilent }) else { return nil }
    var deciding = [met[place]]
    // One after another, each of which would have been enough.
    if met[place].decision.outcome == .finding {
      for earlier in met[..<place].reversed() {
        guard earlier.decision.outcome == .finding, earlier.held == false else { break }
        deciding.insert(earlier, at: 0)
      }
    }
    return decision(deciding, function)
  }

  /// Of a call that found something: the parts of the last condition on its way.
  package func finding(
    _ stops: [LuaStop], member: @escaping (String, String, [String]) -> LuaWorth
  ) -> Decision? {
    guard let function = function(of: stops),
      let last = met(function, stops, hasFound: true, member).last(where: { $0.isFound })
    else { return nil }
    return decision([last], function)
  }

  private func decision(_ met: [Met], _ function: LuaFunction) -> Decision? {
    let parts = met.flatMap { one in
      one.held.map { LuaComparison.parts(of: one.decision.condition, came: $0, one.scope) } ?? []
    }
    guard let first = met.first, !parts.isEmpty else { return nil }
    return Decision(
      line: first.decision.lines.lowerBound, parts: parts, parameters: function.parameters,
      aliases: function.aliases)
  }

  /// A decision as a call came to it.
  private struct Met {
    var decision: LuaDecision
    var scope: LuaScope
    var held: Bool?

    var isSilent: Bool {
      switch decision.outcome {
      case .silence: held == true
      case .finding, .answer, .open: held == false
      }
    }

    /// Whether the call ended here, as far as the line alone says so: what else stands on the line did not run.
    var ends: Bool {
      decision.outcome == .answer
        || (decision.outcome != .open && held == true
          && decision.block.lowerBound == decision.lines.upperBound)
    }

    var isFound: Bool {
      switch decision.outcome {
      case .silence: held == false
      case .finding, .answer: held == true
      case .open: false
      }
    }
  }

  /// In the order in which the call came to them, each as it was the last time.
  private func met(
    _ function: LuaFunction, _ stops: [LuaStop], hasFound: Bool,
    _ member: @escaping (String, String, [String]) -> LuaWorth
  ) -> [Met] {
    let own = stops.filter { function.lines.contains($0.line) }
    var met: [(at: Int, met: Met)] = []
    for decision in function.decisions {
      guard let at = own.lastIndex(where: { decision.lines.contains($0.line) }) else { continue }
      let scope = LuaScope(variables: own[at].variables) { object, name in
        member(object, name, function.parameters)
      }
      var held = scope.worth(decision.condition).holds
      if held == nil {
        // It went on into what follows, past it, or ended there.
        let next = own[(at + 1)...].first?.line
        let isInside = next.map { decision.block.contains($0) && $0 > decision.lines.upperBound }
        held = decision.outcome == .answer ? hasFound : isInside ?? true
      }
      met.append((at, Met(decision: decision, scope: scope, held: held)))
    }
    // Stable: those of one line stay in the order in which they stand there.
    let ordered = met.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }.map(\.element)
    guard let last = ordered.last,
      let end = ordered.firstIndex(where: { $0.at == last.at && $0.met.ends })
    else { return ordered.map(\.met) }
    return ordered[...end].map(\.met)
  }
}
