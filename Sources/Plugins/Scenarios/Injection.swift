import Detection
import Primitives
import Scripting

/// What one run of an `inject` function has made so far, and the functions through which it does so.
///
/// A class because the functions of the Lua state and the runner look at the same injection.
final class Injection {
  private let scenario: Scenario
  private let vocabulary: Vocabulary
  private var victim: EventRecord?
  private var number: UInt64 = 0
  let random = SharedRandom(SeededRandom(seed: 0))
  private(set) var events: [EmittedEvent] = []

  init(scenario: Scenario, vocabulary: Vocabulary) {
    self.scenario = scenario
    self.vocabulary = vocabulary
  }

  /// Starts over for a victim. The number that its event ids share is drawn, so that no two injections share one.
  func begin(victim: EventRecord) {
    self.victim = victim
    events = []
    number = random.random.next()
  }

  var functions: [HostFunction] {
    DrawFunctions(source: random).functions(under: "bridge") + [
      HostFunction("bridge.emit") { [unowned self] in try emit($0) },
      HostFunction("bridge.missing_field") { [unowned self] in try missingField($0) },
      HostFunction("bridge.missing_parameter") { [unowned self] in try missingParameter($0) },
    ]
  }

  /// What a victim has beside the fields of its event.
  static let victimNames = ["time", "id", "kind", "source", "at_hour"]

  private func missingField(_ arguments: [ScriptValue]) throws -> ScriptValue {
    let name = arguments.first?.text ?? ""
    if let complaint = vocabulary.complaint(field: name, besides: Injection.victimNames) {
      throw Refusal(complaint)
    }
    return .nil
  }

  private func missingParameter(_ arguments: [ScriptValue]) throws -> ScriptValue {
    let complaint = Injection.complaint(
      draw: arguments.first?.text ?? "", scenario.vary.map(\.name))
    if let complaint { throw Refusal(complaint) }
    return .nil
  }

  /// What is said of a name that `draw` does not have.
  ///
  /// - Parameter parameters: those of the scenario.
  static func complaint(draw name: String, _ parameters: [String]) -> String? {
    let known = parameters + DrawWord.allCases.map(\.rawValue)
    return known.contains(name)
      ? nil : "draw has no \(quoted(name))\(didYouMean(name, among: known))"
  }

  /// What is said of a key that an emitted event cannot have.
  static func complaint(emitted name: String, _ vocabulary: Vocabulary) -> String? {
    if name == "time" { return "write the time as 'at'" }
    if name == "id" || name == "source" { return "'\(name)' of a planted event cannot be set" }
    return vocabulary.complaint(field: name, besides: ["at", "kind", "label"])
  }

  private func emit(_ arguments: [ScriptValue]) throws -> ScriptValue {
    guard var record = victim, let table = arguments.first?.table, table.list.isEmpty,
      Declared.word(arguments[0]) == nil
    else { throw Refusal("emit needs a table such as { at = victim.time + 5 * minute }") }
    guard events.count < ScenarioRunner.mostEvents else {
      throw Refusal("more than \(ScenarioRunner.mostEvents) events from one injection")
    }
    guard let time = table["at"].time else {
      throw Refusal(
        table["at"].isNil
          ? "emit needs a time: at = victim.time + 5 * minute"
          : "'at' must be a time, not \(described(table["at"]))")
    }
    record.time = time
    var changes: [String: Value] = [:]
    for (name, value) in table.named where name != "at" && name != "label" {
      if name == "kind" {
        record.kind = try kind(value)
      } else {
        let new = try field(name, value)
        record.fields[name] = new
        changes[name] = new ?? .missing
      }
    }
    guard table["label"].isNil || table["label"].flag != nil else {
      throw Refusal("'label' must be true or false, not \(described(table["label"]))")
    }
    record.id = "\(scenario.id)/\(hexadecimal(number))/\(events.count + 1)"
    events.append(
      EmittedEvent(
        scenario: scenario.id, record: record, changes: changes,
        isLabelled: table["label"].flag ?? true))
    return .nil
  }

  private func kind(_ value: ScriptValue) throws -> String {
    if let kind = value.text, vocabulary.kinds.contains(kind) { return kind }
    let given = value.text.map(quoted) ?? described(value)
    throw Refusal("unknown kind \(given)\(didYouMean(value.text ?? "", among: vocabulary.kinds))")
  }

  private func field(_ name: String, _ value: ScriptValue) throws -> Value? {
    if let complaint = Injection.complaint(emitted: name, vocabulary) { throw Refusal(complaint) }
    return try FieldValue.read(value, for: name, vocabulary)
  }

  private func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Turns what Lua gave for a field into what an event holds.
enum FieldValue {
  /// Missing where Lua says `missing`; the field is one that is known.
  static func read(
    _ value: ScriptValue, for name: String, _ vocabulary: Vocabulary
  ) throws -> Value? {
    guard let type = vocabulary.fields[name] else {
      throw Refusal("unknown field \(quoted(name))")
    }
    if Declared.word(value)?.tag == "missing" { return nil }
    switch (type, value) {
    case (.text, .text(let text)) where text.utf8.count <= 4096: return .text(text)
    case (.text, .text): throw Refusal("\(quoted(name)) has more than 4096 bytes")
    case (.flag, .flag(let flag)): return .flag(flag)
    case (.number, .integer), (.number, .number):
      guard let x = value.number, x.isFinite else {
        throw Refusal("\(quoted(name)) is not a finite number")
      }
      return .number(x)
    default:
      throw Refusal("\(quoted(name)) holds a \(type.rawValue), not \(described(value))")
    }
  }
}
