import Cases
import Detection
import Plugins
import Primitives
import Scripting

/// Finds the numbers that the Lua of a rule compared where it decided to raise an alert: what the alert's reasons begin with.
///
/// The function is asked once more, in a state of its own and followed line by line: some 70 µs an alert as `bench judge`
/// shows, and nothing for findings that raise none. Nothing is known of rules that keep variables from one event to the next.
final class DecidedNumbers {
  private let plan: RunPlan
  private let shelf: RunnerShelf
  private var deciders: [String: LuaDecider] = [:]

  init(_ plan: RunPlan) {
    self.plan = plan
    shelf = RunnerShelf(vocabulary: plan.vocabulary, lists: plan.lists.book)
  }

  /// - Parameter features: values by the names that the rule gives them; NaN where missing.
  /// - Returns: in the order in which they are compared; missing where that cannot be known.
  func numbers(
    of id: String, on event: EventRecord, score: ModelScore, features: [String: Double]
  ) -> [Decided]? {
    guard let place = plan.rules.firstIndex(where: { $0.id == id }) else { return nil }
    let rule = plan.rules[place]
    guard rule.hasDetect, !shelf.keepsVariables(rule) else { return nil }
    let decider = deciders[id] ?? LuaDecider(source: rule.origin.source.text)
    deciders[id] = decider
    let runner = shelf.fresh(rule)
    runner.beginBatch()
    let seen = Stops(decider.lines)
    runner.watchLines(LineWatcher(wants: { seen.interest(in: $0) }, take: { seen.take($0) }))
    defer { runner.watchLines(nil) }
    do throws(RuleFailure) {
      let found = try runner.finds(event, score: score) {
        features[rule.features[$0].name] ?? .nan
      }
      guard found else { return nil }
    } catch {
      return nil
    }
    let decision = decider.finding(seen.stops) { object, name, parameters in
      if parameters.first == object { return LuaWorth(event.value(named: name)) }
      guard parameters.dropFirst().first == object else { return .unknown }
      return LuaWorth(feature: features[name])
    }
    return decision.map { DecidedNumbers.compared(in: $0) }
  }

  /// Where the call went and what it held at the lines that decide.
  private final class Stops {
    private let deciding: Set<Int>
    private(set) var stops: [LuaStop] = []
    private static let most = 500

    init(_ deciding: Set<Int>) { self.deciding = deciding }

    func interest(in line: Int) -> LineInterest {
      if stops.count >= Stops.most { return .enough }
      if stops.isEmpty || deciding.contains(line) { return .look }
      stops.append(LuaStop(line: line, variables: [:]))
      return .passOver
    }

    func take(_ visit: LineVisit) {
      let seen = (visit.outer + visit.locals).filter {
        $0.value.text != "object" && $0.value.text != "function"
      }
      stops.append(
        LuaStop(
          line: visit.line,
          variables: Dictionary(
            seen.map { ($0.name, LuaWorth($0.value)) }, uniquingKeysWith: { _, last in last })))
    }
  }

  /// The left sides that are numbers with a name, each once.
  private static func compared(in decision: LuaDecider.Decision) -> [Decided] {
    let hidden = Set(decision.parameters)
    var numbers: [Decided] = []
    for part in decision.parts {
      guard case .number(let value) = part.left.worth, let bound = part.bound(hiding: hidden),
        let name = name(part.left.expression, decision)
      else { continue }
      if numbers.contains(where: { $0.name == name }) { continue }
      numbers.append(Decided(name: name, value: value, bound: bound))
    }
    return numbers
  }

  /// Of a feature, a field or a local: what is made of several has none.
  private static func name(
    _ expression: LuaExpression, _ decision: LuaDecider.Decision
  ) -> String? {
    switch expression.withoutDefault {
    case .name(let name):
      if let alias = decision.aliases[name], let other = self.name(alias, decision) { return other }
      return name
    case .member(.name(let object), let member):
      return decision.parameters.contains(object) ? member : nil
    default: return nil
    }
  }
}
