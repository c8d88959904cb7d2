package import Detection
package import Primitives
import Scripting

/// An event that an injection made, before it joins the stream.
package struct EmittedEvent: Hashable, Sendable {
  package var scenario: String
  /// The whole event, with an id of its own.
  package var record: EventRecord
  /// The fields that differ from the victim's event because the scenario said so; `.missing` for one taken away.
  package var changes: [String: Value]
  /// False for a harmless event that only sets the scene (`label = false`).
  package var isLabelled: Bool
}

/// Plants a scenario into the life of a victim.
///
/// Owns a Lua state and belongs to one thread at a time. The same victim, history and random source give the same
/// events, byte for byte.
package final class ScenarioRunner {
  /// Of one injection.
  package static let mostEvents = 10_000
  /// Of the victim's earlier events that the function is given, newest last.
  package static let mostHistory = 256

  package let scenario: Scenario
  private let vocabulary: Vocabulary
  private let script: Script
  private let inject: ScriptFunction
  private let plant: ScriptFunction
  private let injection: Injection

  /// Throws where the file does not load again as it did when it was checked.
  package init(scenario: Scenario, vocabulary: Vocabulary) throws(Diagnostic) {
    self.scenario = scenario
    self.vocabulary = vocabulary
    let injection = Injection(scenario: scenario, vocabulary: vocabulary)
    self.injection = injection
    do throws(ScriptError) {
      script = try Script(
        name: scenario.id, limits: .action, prelude: [LuaPrelude.source],
        functions: injection.functions + [FigureFunction.function])
      let envelope = try PluginLoader.envelope(of: scenario.origin, in: script)
      guard let inject = envelope["body"].table?["inject"].function,
        let plant = envelope["run"].function
      else {
        throw ScriptError(
          kind: .value, message: "returns something else than when it was checked",
          chunk: scenario.file, line: nil)
      }
      self.inject = inject
      self.plant = plant
    } catch {
      throw ScenarioRunner.diagnostic(error, scenario)
    }
  }

  /// The events of one attack on one victim, in order of time, equal times in order of making.
  ///
  /// Parameters are drawn first, in order of name, then the function runs. Errors name the file and line.
  package func inject(
    victim: EventRecord, history: [EventRecord] = [], random: inout SeededRandom
  ) throws(Diagnostic) -> [EmittedEvent] {
    let shared = injection.random
    shared.random = random
    defer { random = shared.random }
    injection.begin(victim: victim)
    let parameters = ScriptTable(
      named: scenario.vary.map { ($0.name, $0.choice.drawn(&shared.random)) })
    let past = history.suffix(ScenarioRunner.mostHistory).map {
      ScriptValue.table(ScenarioRunner.table($0))
    }
    do {
      _ = try script.call(
        plant,
        [
          .function(inject), .table(ScenarioRunner.table(victim)),
          .time(ScenarioRunner.midnight(of: victim)), .table(parameters),
          .table(ScriptTable(list: past)),
        ])
    } catch {
      throw ScenarioRunner.diagnostic(error, scenario)
    }
    guard !injection.events.isEmpty else {
      throw Diagnostic(
        code: "no-events", file: scenario.file, line: scenario.origin.line,
        message: "scenario: inject emitted no event")
    }
    return injection.events.enumerated().sorted {
      ($0.element.record.time, $0.offset) < ($1.element.record.time, $1.offset)
    }.map(\.element)
  }

  private static func diagnostic(_ error: ScriptError, _ scenario: Scenario) -> Diagnostic {
    Diagnostic(
      code: error.kind.rawValue, file: scenario.file, line: error.line,
      message: printable(error.message, limit: 500))
  }

  static func table(_ record: EventRecord) -> ScriptTable {
    var named: [(name: String, value: ScriptValue)] = [
      ("time", .time(record.time)), ("id", .text(record.id)), ("kind", .text(record.kind)),
      ("source", .text(record.source)),
    ]
    for name in record.fields.keys.sorted() {
      switch record.fields[name] {
      case .number(let x)?:
        named.append((name, Int64(exactly: x).map { .integer($0) } ?? .number(x)))
      case .text(let text)?: named.append((name, .text(text)))
      case .flag(let flag)?: named.append((name, .flag(flag)))
      default: break
      }
    }
    return ScriptTable(named: named)
  }

  /// The beginning of the victim's day on its source's clock.
  private static func midnight(of record: EventRecord) -> Timestamp {
    let offset = Int64(record.zoneOffsetSeconds) * 1_000_000
    let (local, overflow) = record.time.microseconds.addingReportingOverflow(offset)
    let day: Int64 = 86_400_000_000
    let start = (overflow ? record.time.microseconds : local).flooredDivision(by: day).quotient
    return Timestamp(
      microseconds: start.multipliedReportingOverflow(by: day).partialValue &- offset)
  }
}
