import Cases
import Detection
import Primitives

/// All that a run remembers from one batch to the next, as bytes.
struct RunState: Equatable {
  /// Of the windows; empty where they start anew.
  var windows: [UInt8]
  /// What rules wait for.
  var patterns: [UInt8]
  /// Of metric series; empty where the events carry none.
  var series: [UInt8]
  var judge: [UInt8]
  var counters: [UInt8]
}

extension DetectionRun {
  /// Between batches.
  func state() -> RunState {
    var judged = StateWriter()
    judge.encode(&judged)
    var counted = StateWriter()
    report.encode(&counted)
    return RunState(
      windows: features.encodedState(), patterns: rules.encodedState(),
      series: series?.encodedState() ?? [], judge: judged.bytes, counters: counted.bytes)
  }

  /// Goes on from a state. Before the first batch, by the thread that interns and before another one does.
  ///
  /// - Returns: what starts anew and why, in sentences, such as windows of features that were defined otherwise then.
  func restore(_ state: RunState) throws(StateDamage) -> [String] {
    var judged = StateReader(state.judge[...])
    try judge.decode(&judged)
    var counted = StateReader(state.counters[...])
    try report.decode(&counted)
    try series?.restore(state.series)
    var anew: [String] = []
    let rules = try rules.restore(state.patterns)
    if !rules.isEmpty {
      anew.append("what these rules wait for starts anew: \(rules.joined(separator: ", "))")
    }
    do {
      try features.engine.restore(state.windows)
    } catch {
      anew.append("the windows start anew: \(error.message)")
    }
    return anew
  }

  /// Counts on from an event, and judges those before `quietUntil` without telling anybody: it was done before.
  func begin(at event: Int, quietUntil: Int) {
    report.events = event
    self.quietUntil = quietUntil
  }

  /// What comes is not what was judged before: all of it is told.
  func speakUp() { quietUntil = 0 }
}

extension DetectReport {
  /// What is counted over the whole life of a source, restarts included.
  fileprivate func encode(_ writer: inout StateWriter) {
    for count in [events, alerts, suppressed, modelFindings] { writer.count(count) }
    writer.count(findingsByRule.count)
    for (rule, count) in findingsByRule.sorted(by: { $0.key < $1.key }) {
      writer.append(Array(rule.utf8))
      writer.count(count)
    }
    writer.count(muted)
    writer.count(flooded)
  }

  fileprivate mutating func decode(_ reader: inout StateReader) throws(StateDamage) {
    events = try reader.size(upTo: .max)
    alerts = try reader.size(upTo: .max)
    suppressed = try reader.size(upTo: .max)
    modelFindings = try reader.size(upTo: .max)
    for _ in 0..<(try reader.count()) {
      let rule = String(decoding: try reader.raw(), as: UTF8.self)
      findingsByRule[rule] = try reader.size(upTo: .max)
    }
    // A state from before there were mutes ends here.
    if reader.left == 0 { return }
    muted = try reader.size(upTo: .max)
    flooded = try reader.size(upTo: .max)
  }
}
