package import Plugins
package import Primitives

/// How a rule fared in a run: how often it was asked, what that cost, and what went wrong.
package struct PluginHealth: Sendable, Hashable {
  package var id: String
  package var file: String
  /// The file as it was, so that what is told of it is not told of another.
  package var source: UInt64
  /// Events on which its native conditions held.
  package var candidates: Int
  /// Calls of its Lua function, or judgements without one.
  package var calls: Int
  package var failures: Int
  package var seconds: Double
  /// Bytes that its Lua state holds.
  package var memory: Int
  package var lastFailure: RuleFailure?
  package var isSetAside: Bool

  /// Why it was set aside; missing where it runs.
  package var setAside: RuleFailure? { isSetAside ? lastFailure : nil }

  package var nanosecondsPerCall: Double? { calls > 0 ? seconds * 1e9 / Double(calls) : nil }

  package static func hash(of rule: Rule) -> UInt64 { rule.origin.source.hash }
}

extension PluginHealth {
  init(_ runner: RuleRunner, candidates: Int) {
    id = runner.rule.id
    file = runner.rule.file
    source = PluginHealth.hash(of: runner.rule)
    self.candidates = candidates
    calls = runner.calls
    failures = runner.failures
    seconds = Double(runner.nanoseconds) / 1e9
    memory = runner.memory
    lastFailure = runner.lastFailure
    if case .setAside = runner.state { isSetAside = true } else { isSetAside = false }
  }

  package var json: JSONValue {
    [
      "id": .text(id), "file": .text(file), "source": .text(String(source, radix: 16)),
      "state": .text(isSetAside ? "set aside" : "running"),
      "candidates": .integer(Int64(candidates)), "calls": .integer(Int64(calls)),
      "ns_per_call": nanosecondsPerCall.map { .number($0.rounded()) } ?? .null,
      "seconds": .number(seconds), "errors": .integer(Int64(failures)),
      "memory_bytes": .integer(Int64(memory)),
      "last_error": lastFailure.map { failure in
        [
          "reason": .text(failure.reason),
          "line": failure.line.map { .integer(Int64($0)) } ?? .null,
          "event": failure.eventID.map { .text($0) } ?? .null,
        ]
      } ?? .null,
    ]
  }

  /// From what `json` wrote; missing where it is something else.
  init?(_ value: JSONValue) {
    guard let id = value["id"]?.text, let file = value["file"]?.text,
      let source = value["source"]?.text.flatMap({ UInt64($0, radix: 16) }),
      let candidates = value["candidates"]?.integer, let calls = value["calls"]?.integer,
      let failures = value["errors"]?.integer, let memory = value["memory_bytes"]?.integer,
      let seconds = value["seconds"]?.number, let state = value["state"]?.text
    else { return nil }
    self.id = id
    self.file = file
    self.source = source
    self.candidates = Int(candidates)
    self.calls = Int(calls)
    self.failures = Int(failures)
    self.memory = Int(memory)
    self.seconds = seconds
    isSetAside = state == "set aside"
    if let error = value["last_error"], let reason = error["reason"]?.text {
      lastFailure = RuleFailure(
        rule: id, file: file, line: error["line"]?.integer.flatMap { Int(exactly: $0) },
        eventID: error["event"]?.text, reason: reason)
    }
  }
}

extension PluginHealth {
  /// How the rules fare where several streams ask them, each with states of its own; in order of their first stream.
  ///
  /// What is told of two versions of a file, while one stream has taken up the new one and another has not, stays apart.
  static func together(_ streams: [[PluginHealth]]) -> [PluginHealth] {
    var all: [PluginHealth] = []
    for one in streams.joined() {
      guard let place = all.firstIndex(where: { $0.id == one.id && $0.source == one.source }) else {
        all.append(one)
        continue
      }
      all[place].candidates += one.candidates
      all[place].calls += one.calls
      all[place].failures += one.failures
      all[place].seconds += one.seconds
      all[place].memory += one.memory
      if one.isSetAside || all[place].lastFailure == nil {
        all[place].lastFailure = one.lastFailure
      }
      all[place].isSetAside = all[place].isSetAside || one.isSetAside
    }
    return all
  }
}
