import Cases
import Detection
import Plugins
package import Primitives
import Scripting
import Store

/// How one rule met one kept event: its conditions with what they saw, then the lines of its function that ran.
package struct RuleWalk: Sendable {
  /// A line that was about to run.
  package struct Visit: Sendable {
    package var line: Int
    /// As it stands in the file.
    package var source: String
    package var locals: [Variable]
    /// What the function keeps from around it.
    package var outer: [Variable]
  }

  package struct Variable: Sendable, Equatable {
    package var name: String
    package var value: JSONValue
    /// The same, to reckon with.
    var worth = LuaWorth.unknown

    package static func == (a: Variable, b: Variable) -> Bool {
      a.name == b.name && a.value == b.value
    }
  }

  /// One call of the function.
  struct Call {
    var visits: [Visit]
    var steps: Int
    var isCut: Bool
    var message: String?
    var failure: String?
  }

  /// Conditions and windows, as `whynot` gives them.
  package var miss: Miss
  package var file: String
  /// At most `mostVisits` with what `mostBytes` hold, in order; empty where the function was not asked or the rule has none.
  package var visits: [Visit]
  /// The lines that ran, as far as they were followed.
  package var steps: Int
  /// More lines ran than were followed.
  package var isCut = false
  package var hasFunction: Bool
  /// What the rule said; missing where it found nothing.
  package var message: String?
  /// Why it could not judge the event.
  package var failure: String?

  static let mostVisits = 2000
  /// Of variables and lines together, as they come from Lua: the answer is held in several forms, each several times as large.
  static let mostBytes = 4 << 20

  package var json: JSONValue {
    func object(_ variables: [Variable]) -> JSONValue {
      var members: [JSONValue.Member] = []
      // An inner variable hides the outer one of its name.
      for variable in variables {
        members.removeAll { $0.key == variable.name }
        members.append(.init(variable.name, variable.value))
      }
      return .object(members)
    }
    var members: [JSONValue.Member] = []
    if case .object(let own) = miss.json { members = own }
    members += [
      .init("file", .text(file)), .init("steps", .integer(Int64(steps))),
      .init("cut", .flag(isCut)), .init("message", message.map { .text($0) } ?? .null),
      .init("failure", failure.map { .text($0) } ?? .null),
      .init(
        "lines",
        .list(
          visits.map {
            [
              "line": .integer(Int64($0.line)), "source": .text($0.source),
              "locals": object($0.locals), "outer": object($0.outer),
            ]
          })),
    ]
    return .object(members)
  }
}

extension Control {
  /// Judges a kept event again by one rule and looks at every condition and every line.
  ///
  /// - Parameter lines: only these lines of the rule's file are looked at; all where missing.
  /// - Throws: as `whyNot`.
  package func walk(
    rule id: String, event eventID: String, lines: Set<Int>? = nil, progress: some JobProgress
  ) throws(Failure) -> RuleWalk {
    let miss = try whyNot(rule: id, event: eventID, findsLine: false, progress: progress)
    let installation = try Installation(settings)
    if miss.cause == .notInstalled {
      throw Failure(
        .usage, "'\(id)' cannot judge: \(miss.sentence)", advice: "mend the file and ask again")
    }
    guard let rule = installation.plugins.rules.first(where: { $0.id == id }), miss.event != nil
    else {
      return RuleWalk(miss: miss, file: "", visits: [], steps: 0, hasFunction: false)
    }
    var walk = RuleWalk(
      miss: miss, file: rule.file, visits: [], steps: 0, hasFunction: rule.hasDetect)
    let store = try store(.readOnly)
    let kept = RetainedEvents(store) { progress.warn($0) }
    guard let found = try kept.events(id: eventID).first else { return walk }
    let seen = try self.lines(
      of: rule, on: found, in: kept, store: store, installation: installation, only: lines,
      progress)
    walk.visits = seen.visits
    walk.steps = seen.steps
    walk.isCut = seen.isCut
    walk.message = seen.message
    walk.failure = seen.failure
    return walk
  }

  /// The lines of a rule's function that ran when it was asked about a kept event, and what came of it.
  func lines(
    of rule: Rule, on found: RetainedEvents.Found, in kept: RetainedEvents, store: AlertStore,
    installation: Installation, only lines: Set<Int>?, _ progress: some JobProgress
  ) throws(Failure) -> RuleWalk.Call {
    var collected = Visits(rule.origin.source.text, only: lines)
    let answer = try Replay.judgement(
      of: found, store: store, settings: settings, usesPart: true, progress: progress
    ) { () throws(Failure) in
      let replay = try Replay(
        found.stream, of: kept, installation: installation, settings: settings, rules: [rule],
        usesModel: rule.asksModel)
      // Where a part was not enough, what it showed does not count.
      collected = Visits(rule.origin.source.text, only: lines)
      var asked = Replay.Asked(replay: replay, events: [found.event])
      asked.change = { [collected] _, _ in
        replay.run.rules.runner(of: rule.id)?.watchLines(
          LineWatcher(wants: { collected.interest(in: $0) }, take: { collected.take($0) }))
      }
      return asked
    }
    let failure = answer.replay.run.rules.runner(of: rule.id)?.lastFailure
    return RuleWalk.Call(
      visits: collected.visits, steps: collected.steps, isCut: collected.isFull,
      message: answer.output.judgement.found.first { $0.rule == rule.id }?.message,
      failure: failure?.eventID == found.event.id ? failure?.reason : nil)
  }

  /// What is collected while a call runs on whichever thread; nobody reads it before the replay is over.
  private final class Visits {
    private let source: [Substring]
    private let only: Set<Int>?
    private(set) var visits: [RuleWalk.Visit] = []
    private(set) var steps = 0
    /// Another line was to come when there was no room for it.
    private(set) var isFull = false
    private var room = RuleWalk.mostBytes

    init(_ text: String, only: Set<Int>?) {
      source = text.split(separator: "\n", omittingEmptySubsequences: false)
      self.only = only
    }

    func interest(in line: Int) -> LineInterest {
      isFull = visits.count == RuleWalk.mostVisits || room <= 0
      if isFull { return .enough }
      steps += 1
      return only?.contains(line) ?? true ? .look : .passOver
    }

    func take(_ visit: LineVisit) {
      let line = source.indices.contains(visit.line - 1) ? String(source[visit.line - 1]) : ""
      room -= visit.bytes + line.utf8.count
      visits.append(
        RuleWalk.Visit(
          line: visit.line, source: line, locals: Visits.variables(visit.locals),
          outer: Visits.variables(visit.outer)))
    }

    /// Without functions and objects, which hold nothing to be seen.
    private static func variables(
      _ seen: [(name: String, value: ScriptValue)]
    ) -> [RuleWalk.Variable] {
      seen.filter { $0.value.text != "object" && $0.value.text != "function" }.map {
        RuleWalk.Variable(name: $0.name, value: json($0.value), worth: LuaWorth($0.value))
      }
    }

    private static func json(_ value: ScriptValue) -> JSONValue {
      switch value {
      case .nil: .null
      case .flag(let flag): .flag(flag)
      case .integer(let n): .integer(n)
      case .number(let x): .number(x)
      case .text(let text): .text(text)
      case .duration(let span): .text(Format.span(span))
      case .time(let time): .text(time.description)
      case .table(let table):
        .object(table.named.map { JSONValue.Member($0.name, json($0.value)) })
      case .function: .text("function")
      case .object: .text("object")
      }
    }
  }
}
