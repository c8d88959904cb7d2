import Cases
import Detection
import Foundation
import Plugins
package import Primitives
import Store

extension Control {
  /// Goes through the kept events of a time for somebody who judges them; what is found is taken down and reported.
  ///
  /// - Parameter labels: a file of labels; those that the demo left where missing.
  package func walk(
    title: String, since: Timestamp, labels: String?, progress: any JobProgress
  ) throws(Failure) -> KeptWalk {
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    return try KeptWalk(
      RetainedEvents(store) { progress.warn($0) }, since: since, installation: installation,
      settings: settings,
      tally: TrialTally(
        title: title, labels: try plantedLabels(labels), installation: installation,
        settings: settings, store: store), progress: progress)
  }

  /// What an installed rule, or the rule of a file or a text, would have led to on the kept events of a time.
  ///
  /// - Throws: `Failure(.usage)` where there is no such rule, with the nearest; every problem of a text or file.
  package func trial(
    of subject: TrialSubject, since: Timestamp, labels: String?, progress: some JobProgress
  ) throws(Failure) -> TrialReport {
    let installation = try Installation(settings)
    let rule = try rule(subject, installation)
    let store = try store(.readOnly)
    let kept = RetainedEvents(store) { progress.warn($0) }
    var output = TrialOutput(
      tally: TrialTally(
        title: rule.id, labels: try plantedLabels(labels), installation: installation,
        settings: settings, store: store), since: since, rule: rule.id)
    var seconds = 0.0
    for stream in try kept.streams() where stream.last >= since {
      let replay = try Replay(
        stream, of: kept, installation: installation, settings: settings, rules: [rule],
        usesModel: rule.asksModel)
      guard !replay.plan.rules.isEmpty else { continue }
      try replay.drive(stops: [], output: &output, progress: progress) { (step, output) in
        let from = max(since, replay.plan.judgeFrom)
        let late = Set(step.late)
        for row in 0..<step.events.count where !late.contains(row) {
          let time = step.events.time(row)
          if time >= from { output.tally.sawEvent(time) }
        }
        return true
      }
      seconds += replay.run.report.meter.stages.first { $0.name == "rules" }?.seconds ?? 0
      if let health = replay.run.health.first {
        output.tally.failed(health.failures, health.lastFailure?.description)
      }
    }
    output.tally.took(ruleSeconds: seconds)
    return try output.tally.finish()
  }

  private func rule(
    _ subject: TrialSubject, _ installation: Installation
  ) throws(Failure) -> Rule {
    switch subject {
    case .installed(let id):
      if let rule = installation.plugins.rules.first(where: { $0.id == id }) { return rule }
      throw .unknown(
        "rule", id, among: installation.plugins.rules.map(\.id), advice: "rules() shows all")
    case .file(let path):
      return try rule(in: try Folder.text(of: path, "the rule"), named: path, installation)
    case .text(let text): return try rule(in: text, named: "the text", installation)
    }
  }

  /// The one rule of a text, read as a file of the plugin folder would be.
  private func rule(
    in text: String, named name: String, _ installation: Installation
  ) throws(Failure) -> Rule {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "moonwatch-trial-\(UUID().uuidString)"
    ).path
    try Folder.make(folder)
    defer { ScratchFolder.remove(folder) }
    let file = folder + "/rule.lua"
    try OutputFile.write(text.utf8, to: file)
    let set = PluginSet.load(folders: [folder], vocabulary: installation.vocabulary)
    let errors = set.problems.filter { $0.severity == .error }
    if !errors.isEmpty {
      throw Failure(
        .usage,
        errors.map { $0.description.replacing(file, with: name) }.joined(separator: "\n"))
    }
    guard let rule = set.rules.first, set.rules.count == 1 else {
      throw Failure(
        .usage, "\(name) holds \(set.rules.isEmpty ? "no rule" : "several rules")",
        advice: "give one, such as return rule { … }")
    }
    return rule
  }
}

/// The rule that is tried.
package enum TrialSubject: Sendable {
  case installed(String)
  case file(String)
  case text(String)
}

/// Takes down what a replay leads to.
struct TrialOutput: RunOutput {
  var tally: TrialTally
  let since: Timestamp
  /// What else is found on the way, by the detector of series, is not the rule's.
  let rule: String
  private var own: Set<String> = []
  var wantsScores: Bool { false }

  init(tally: TrialTally, since: Timestamp, rule: String) {
    self.tally = tally
    self.since = since
    self.rule = rule
  }

  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) {
    guard alert.time >= since, alert.rule == rule else { return }
    own.insert(alert.id)
    tally.tookFinding()
    tally.raised(alert)
  }
  mutating func joined(_ joined: Joined) {
    guard joined.time >= since, own.contains(joined.alertID) else { return }
    tally.tookFinding()
    tally.joined(joined)
  }
  mutating func late(_ record: EventRecord, origin: EventOrigin) {}
  mutating func batchEnded() {}
  mutating func scored(_ batch: EventBatch, row: Int, score: Double?, rules: [String]) {}
}
