import Detection
import Plugins
package import Primitives

/// The line at which a rule's function decided to say nothing, with the comparisons that made it.
package struct DecidingLine: Sendable, Equatable {
  /// A comparison that would have had to come out otherwise.
  package struct Part: Sendable, Equatable {
    /// As the rule's author wrote it: `round < 0.35 * payments`.
    package var test: String
    package var value: JSONValue
    /// What the value was compared with; null where nothing was.
    package var threshold: JSONValue
    /// What came of the comparison; missing where it cannot be known.
    package var held: Bool?
    /// What would have to be added to the value to reach the threshold.
    package var shortfall: Double?
    /// `round 1 is not at least 0.35 * payments = 1.75: 0.75 too low`
    package var sentence: String
  }

  package var line: Int
  /// As it stands in the file, without what surrounds it.
  package var source: String
  /// In the order in which they are looked at; empty where the line cannot be taken apart.
  package var parts: [Part]

  /// Of a call that returned nothing.
  ///
  /// - Parameters:
  ///   - text: the rule's file.
  ///   - features: what the rule's features were on the event; NaN where missing.
  init?(
    _ visits: [RuleWalk.Visit], in text: String, features: [String: Double], event: EventRecord
  ) {
    guard let last = visits.last else { return nil }
    let decision = LuaDecider(source: text).silence(visits.map(\.stop)) {
      object, name, parameters in
      // The function is given the event, then the features.
      let isEvent = parameters.first == object
      guard isEvent || parameters.dropFirst().first == object else { return .unknown }
      return isEvent ? LuaWorth(event.value(named: name)) : LuaWorth(feature: features[name])
    }
    guard let decision else {
      (line, parts) = (last.line, [])
      source = DecidingLine.bare(last.source)
      return
    }
    line = decision.line
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    source = lines.indices.contains(line - 1) ? DecidingLine.bare(String(lines[line - 1])) : ""
    let hidden = Set(decision.parameters)
    parts = decision.parts.map { part in
      Part(
        test: part.written(hidden), value: part.left.worth.json,
        threshold: part.right?.worth.json ?? .null, held: part.held, shortfall: part.distance,
        sentence: part.failure(hiding: hidden))
    }
  }

  /// `line 22: logins 6 is not at least 8: 2 too low`
  var sentence: String {
    let told = parts.prefix(4).map(\.sentence)
    let more = parts.count > told.count ? ["and \(parts.count - told.count) more"] : []
    return "line \(line): \(parts.isEmpty ? source : (told + more).joined(separator: "; "))"
  }

  /// The first part, as conditions that are declared are told.
  var condition: Miss.Condition? {
    parts.first.map { part in
      Miss.Condition(
        part: "detect", test: part.test, value: DecidingLine.text(part.value), holds: false,
        shortfall: part.shortfall)
    }
  }

  var json: JSONValue {
    [
      "line": .integer(Int64(line)), "source": .text(source),
      "parts": .list(
        parts.map {
          [
            "test": .text($0.test), "value": $0.value, "threshold": $0.threshold,
            "held": $0.held.map { .flag($0) } ?? .null,
            "shortfall": $0.shortfall.map { .number($0) } ?? .null, "sentence": .text($0.sentence),
          ]
        }),
    ]
  }

  private static func bare(_ source: String) -> String {
    source.trimmingPrefix { $0 == " " || $0 == "\t" }.description
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "missing"
    case .number(let x): Format.number(x, atMost: 6)
    case .text(let text): "\"\(text)\""
    default: value.serialized()
    }
  }
}

extension LuaWorth {
  init(_ value: Value) {
    switch value {
    case .missing: self = .nothing
    case .number(let x): self = .number(x)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    }
  }

  /// - Parameter feature: NaN where missing, nothing where there is none of the name.
  init(feature: Double?) {
    self = feature.map { $0.isNaN ? .nothing : .number($0) } ?? .unknown
  }

  var json: JSONValue {
    switch self {
    case .nothing, .unknown: .null
    case .flag(let flag): .flag(flag)
    case .number(let x): x.isFinite ? .number(x) : .null
    case .text(let text): .text(text)
    case .span(let span): .text(Format.span(span))
    case .moment(let time): .text(time.description)
    case .table: .text("table")
    }
  }
}

extension RuleWalk.Visit {
  /// What stands in sight, an inner variable before an outer one of its name.
  var stop: LuaStop {
    LuaStop(
      line: line,
      variables: Dictionary(
        (outer + locals).map { ($0.name, $0.worth) }, uniquingKeysWith: { _, last in last }))
  }
}
