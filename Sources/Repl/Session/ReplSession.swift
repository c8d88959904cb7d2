package import Console
package import Host
package import Primitives
import Scripting

/// The Lua of one conversation: what is typed runs here, over a data directory, through `Control`.
///
/// Confined to one thread, all but `stop`.
package final class ReplSession {
  /// What may be said about one conversation.
  package struct Options {
    var settings: Settings
    /// Decisions may be written; without it the conversation only reads.
    var mayWrite: Bool
    /// What `last` counts back from.
    var now: Timestamp
    /// The time of day is not what `now` is: the data are old.
    var isOfTheData = false
    var mode: OutputMode
    var terminal: Terminal
    /// Of processor time that the Lua of one expression may use.
    package var limit = TimeSpan.seconds(60)
    /// Of processor time that an expression may use with all that it asks the host for; any amount where missing.
    package var limitOfAll: TimeSpan?

    /// Where `now` is missing it is the time of day, or the end of the data where that is more than a day ago: in a log of last
    /// month `last = 1 * day` is to find something, and no more than a day of it.
    package init(
      settings: Settings, mayWrite: Bool, now: Timestamp?, mode: OutputMode, terminal: Terminal
    ) throws(Failure) {
      self.settings = settings
      self.mayWrite = mayWrite
      self.mode = mode
      self.terminal = terminal
      let today = WallClock.now()
      self.now = now ?? today
      if now == nil, let newest = try Control(settings: settings).newestTime(),
        newest < today - .days(1)
      {
        // The newest itself is of the time before.
        self.now = newest + .seconds(1)
        isOfTheData = true
      }
    }
  }

  /// How what was typed ended.
  enum Ending {
    /// It gave so many values, which are held until the next.
    case values(Int)
    /// It is the beginning of something longer.
    case incomplete
    case failed(String)
    case stopped
  }

  let host: ReplHost
  private let script: Script
  private let view: ScriptFunction
  private let size: ScriptFunction
  private let whole: ScriptFunction
  private let slice: ScriptFunction
  let stop: StopFlag

  package init(_ options: Options, print: @escaping (String) -> Void) throws(Failure) {
    stop = StopFlag()
    host = ReplHost(options, stop: stop, print: print)
    do {
      script = try Script(
        name: "repl", limits: ReplSession.limits(options.limit),
        seed: UInt64(bitPattern: options.now.microseconds),
        prelude: [ReplPrelude.source], functions: Verb.functions(host), keepsGlobals: true)
      func function(_ name: String, _ script: Script) throws(ScriptError) -> ScriptFunction {
        let value = try script.load(Array("return \(name)".utf8), chunk: "repl")
        guard let function = value.function else {
          preconditionFailure("the prelude defines \(name)")
        }
        return function
      }
      view = try function("__view", script)
      size = try function("__size", script)
      whole = try function("__whole", script)
      slice = try function("__slice", script)
    } catch {
      throw Failure(.internal, "the console's Lua does not start: \(error)")
    }
    stop.end = script.interrupter
  }

  /// What one expression may use: a quarter of a GiB and so much processor time; ^C ends it sooner.
  private static func limits(_ time: TimeSpan) -> ScriptLimits {
    var limits = ScriptLimits()
    limits.memory = 256 << 20
    limits.load = time
    limits.call = time
    limits.source = 1 << 20
    limits.nodes = 4_000_000
    limits.text = 256 << 20
    return limits
  }

  /// Runs an expression, whose values are then held, or statements.
  func run(_ source: String) -> Ending {
    // What went through events and did not come to its end.
    defer { host.walk = nil }
    stop.give(host.options.limitOfAll)
    defer { stop.give(nil) }
    do throws(ScriptError) {
      return .values(try count("return __result(\(source)\n)"))
    } catch {
      guard error.kind == .syntax else { return ending(error, source) }
    }
    do throws(ScriptError) {
      _ = try load(source)
      return .values(0)
    } catch {
      guard error.kind == .syntax else { return ending(error, source) }
      if error.message.hasSuffix("<eof>") || isUnfinishedExpression(source) { return .incomplete }
      return ending(error, source)
    }
  }

  /// Whether an end is all that an expression lacks, such as `1 +`. It cannot compile here, so nothing runs.
  private func isUnfinishedExpression(_ source: String) -> Bool {
    do throws(ScriptError) {
      _ = try load("return \(source)")
      return false
    } catch {
      return error.kind == .syntax && error.message.hasSuffix("<eof>")
    }
  }

  private func load(_ source: String) throws(ScriptError) -> ScriptValue {
    // In this order none is lost: one that comes after the look ends the load.
    script.forgetInterruption()
    if stop.isRaised {
      throw ScriptError(kind: .interrupted, message: "stopped", chunk: "repl", line: nil)
    }
    return try script.load(Array(source.utf8), chunk: "repl")
  }

  private func count(_ source: String) throws(ScriptError) -> Int {
    Int(try load(source).integer ?? 0)
  }

  private func ending(_ error: ScriptError, _ source: String) -> Ending {
    if stop.isSpent, let limit = host.options.limitOfAll {
      return .failed(
        "took longer than \(limit) of processor time (moonwatch repl --limit allows more)")
    }
    if error.kind == .interrupted || stop.isRaised { return .stopped }
    // A line of what was typed is worth naming only where there are several; our own bracket stands on one more.
    let lines = source.count { $0 == "\n" } + 1
    let place = error.line.map { lines > 1 ? "line \(min($0, lines)): " : "" } ?? ""
    let advice = error.kind == .deadline ? " (moonwatch repl --limit allows more)" : ""
    return .failed(place + error.message + advice)
  }

  // MARK: The values that were given last

  /// What is shown of a value: at most so many rows of each list, with the number of all.
  func shown(_ index: Int, rows: Int) throws(ScriptError) -> ScriptValue {
    try script.call(view, [.integer(Int64(index)), .integer(Int64(rows))])
  }

  /// The whole value, or a list of it piece by piece where it is one.
  func each(_ index: Int, _ body: (ScriptValue, _ isPiece: Bool) throws -> Void) throws {
    let count = Int(try script.call(size, [.integer(Int64(index))]).integer ?? -1)
    guard count > ReplSession.piece else {
      return try body(try script.call(whole, [.integer(Int64(index))]), false)
    }
    for from in stride(from: 1, through: count, by: ReplSession.piece) {
      if stop.isRaised { throw Failure(.usage, "stopped") }
      let last = min(count, from + ReplSession.piece - 1)
      try body(
        try script.call(
          slice, [.integer(Int64(index)), .integer(Int64(from)), .integer(Int64(last))]), true)
    }
  }

  private static let piece = 5000
}
