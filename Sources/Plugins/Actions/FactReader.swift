import Detection
import Primitives
import Response
import Scripting

/// An object of named values for Lua: an alert, the settings of a plugin, the answers of people.
final class FactReader: FieldReader {
  private let what: String
  private var names: [String]
  private var values: [Value]
  private let durations: Set<String>
  private let time: Timestamp?
  private let text = HeldText()

  /// - Parameters:
  ///   - what: how an error calls it: `an alert`.
  ///   - known: every name that may be read; those without a value are nil.
  ///   - durations: names whose number is a length of time in seconds.
  init(
    _ what: String, known: [String], values: [String: Value], durations: Set<String> = [],
    time: Timestamp? = nil
  ) {
    self.what = what
    names = known
    self.values = known.map { values[$0] ?? .missing }
    self.durations = durations
    self.time = time
  }

  convenience init(_ alert: AlertFacts) {
    self.init(
      FactReader.alert, known: FactReader.alertNames, values: alert.values,
      time: alert.time)
  }

  func field(named name: UnsafeBufferPointer<UInt8>) -> Int32? {
    names.firstIndex(of: String(decoding: name, as: UTF8.self)).map(Int32.init)
  }

  func value(ofField field: Int32) -> ScriptScalar {
    let name = names[Int(field)]
    if name == "time", let time { return .time(time) }
    switch values[Int(field)] {
    case .missing: return .nil
    case .flag(let flag): return .flag(flag)
    case .text(let value): return .text(text.hold(value))
    case .number(let x):
      if durations.contains(name) { return .duration(TimeSpan(seconds: x) ?? .zero) }
      return scalar(x)
    }
  }

  func unknownField(_ name: String) -> String {
    FactReader.unknown(name, of: what, among: names)
  }

  static func unknown(_ name: String, of what: String, among known: [String]) -> String {
    "\(what) has no \(quoted(name))\(didYouMean(name, among: known))"
  }

  /// How an error calls them.
  static let alert = "an alert"
  static let settings = "the plugin's settings"
  static let answers = "the playbook"

  /// What a function may read of an alert.
  static let alertNames = AlertFacts.types.keys.sorted() + ["time"]
}
