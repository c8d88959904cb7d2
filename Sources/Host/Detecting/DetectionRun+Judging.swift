import Cases
import Detection
import Learning
import Plugins
import Primitives

/// What becomes of findings: evidence, verdicts, and what is handed on.
extension DetectionRun {
  func judge(
    _ events: EventBatch, _ all: RuleFindings, late: [Int], output: inout some RunOutput
  ) throws(Failure) {
    let found = all.rows
    var silences = all.silences[...]
    var next = 0
    var nextLate = 0
    let from = plan.judgeFrom.microseconds
    let wantsTruth = detection != nil
    let wantsEvery = output.wantsScores || wantsTruth
    for row in 0..<events.count {
      while let silent = silences.first, silent.row == row {
        try judge(
          silent, isQuiet: report.events + row < quietUntil, output: &output)
        silences.removeFirst()
      }
      let first = next
      while next < found.count && found[next].row == row { next += 1 }
      if nextLate < late.count && late[nextLate] == row {
        nextLate += 1
        continue
      }
      if events.times[row] < from { continue }
      let margin = margins.values[row]
      let score = scorer.map { $0.model.score(margin) } ?? toldScore?.number
      let ofRules = found[first..<next]
      let unusual = series?.finding(row, in: events)
      if wantsEvery {
        if wantsTruth {
          let label = labels.label(of: row, in: events, interner: plan.interner)
          truth.add(
            margin: scorer == nil ? series?.score(row) : margin, isPositive: label != nil)
        }
        if output.wantsScores {
          let names = ofRules.map(\.ruleID) + (unusual.map { [$0.ruleID] } ?? [])
          // Without a model the series' own detector is what there is to score by.
          try output.scored(events, row: row, score: score ?? series?.score(row), rules: names)
        }
      }
      let isFoundByModel = isFound(score)
      if ofRules.isEmpty && unusual == nil && !isFoundByModel { continue }
      var findings = Array(ofRules)
      if let unusual { findings.append(unusual) }
      for finding in findings { report.findingsByRule[finding.ruleID, default: 0] += 1 }
      if isFoundByModel { report.modelFindings += 1 }
      if isFoundByModel {
        findings.append(
          Finding(row: row, origin: .model, severity: .info, title: "", message: ""))
      }
      judgeClock = judgeTimes == nil ? nil : JudgeTime.Clock()
      let alerts = report.alerts
      var all = evidence.build(
        events, row: row, findings: findings, score: score, margin: margin)
      if let toldScore, !toldScore.rarity.isNaN {
        for place in all.indices { all[place].scoreIsRarity = true }
      }
      let isQuiet = report.events + row < quietUntil
      for one in all {
        try judge(
          one, isQuiet: isQuiet,
          usual: self.evidence.usual(one, row: row, asksPeers: asksPeers), output: &output,
          complete: { self.evidence.complete(&$0, built: one, row: row) },
          kept: { self.evidence.judgement(of: $0, row: row) })
      }
      if let judgeClock {
        judgeTimes?.append(
          judgeClock.time(findings: all.count, hasRaised: report.alerts > alerts))
      }
    }
  }

  func judge(
    _ silent: SilentFinding, isQuiet: Bool, output: inout some RunOutput
  ) throws(Failure) {
    if silent.event.time < plan.judgeFrom { return }
    report.findingsByRule[silent.finding.ruleID, default: 0] += 1
    try judge(
      Evidence(
        event: silent.event,
        entity: silent.event.primaryEntity.map { Entity(field: $0.field, value: $0.value) },
        findings: [silent.finding], involved: plan.entities?.named(by: silent.event) ?? []),
      isQuiet: isQuiet, output: &output, complete: { _ in },
      kept: { _ in
        FrozenJudgement(
          event: silent.event,
          rules: [
            FrozenJudgement.Ruling(id: silent.finding.ruleID, digest: "", fired: true, facts: [])
          ], model: nil)
      })
  }

  private func isFound(_ score: Double?) -> Bool {
    guard let score, let threshold = scorer?.model.alertThreshold else { return false }
    return score >= threshold
  }

  /// - Parameters:
  ///   - complete: adds what only an explanation needs; asked where an alert is raised.
  ///   - kept: what is kept with an alert so that it can be judged again; asked where one is raised.
  private func judge(
    _ found: Evidence, isQuiet: Bool, usual: UsualLookup? = nil, output: inout some RunOutput,
    complete: (inout Evidence) -> Void, kept: (Evidence) -> FrozenJudgement
  ) throws(Failure) {
    var all = found
    all.past = judge.past(of: found)
    guard var evidence = try unmuted(all, isQuiet: isQuiet, output: &output) else { return }
    if output.wantsFindings {
      let row = plan.policy.mappings.choose(for: evidence, lists: plan.policy.lists)?.row
      try output.found(evidence, mapping: row)
    }
    switch judge.judge(&evidence, usual: usual, completing: complete) {
    case .raised(let alert, let explanation):
      judgeClock?.explained()
      report.alerts += 1
      let line = AlertWriter.line(alert)
      digest.add(line: line)
      detection?.add(alert)
      if !isQuiet {
        try output.raised(
          alert, line: line,
          frozen: FrozenEvidence(
            evidence, judgement: kept(evidence), record: judge.record,
            contributions: explanation.contributions))
      }
    case .joined(let joined):
      report.suppressed += 1
      if joined.finding?.reason == .flood {
        report.flooded += 1
      } else {
        detection?.add(joined)
      }
      if !isQuiet { try output.joined(joined) }
    case .flooded(let alert, let joined):
      report.alerts += 1
      report.suppressed += 1
      report.flooded += 1
      let line = AlertWriter.line(alert)
      digest.add(line: line)
      if !isQuiet {
        try output.raised(alert, line: line, frozen: FrozenEvidence(floodOf: alert.rule))
        try output.joined(joined)
      }
    case .repeated:
      report.suppressed += 1
    }
  }

  /// What no mute keeps quiet; nothing where one keeps all of it. What is kept quiet is counted and handed on as such.
  private func unmuted(
    _ evidence: Evidence, isQuiet: Bool, output: inout some RunOutput
  ) throws(Failure) -> Evidence? {
    if mutes.isEmpty { return evidence }
    let (told, muted) = mutes.parted(evidence)
    for (mute, quiet) in muted {
      report.suppressed += 1
      report.muted += 1
      if output.wantsFindings { try output.muted(quiet, by: mute) }
      if isQuiet { continue }
      let row = plan.policy.mappings.choose(for: quiet, lists: plan.policy.lists)?.row
      try output.suppressed(
        SuppressedFinding(
          quiet, row: row, reason: .muted, severity: plan.policy.severity(of: quiet, row),
          mute: mute.number))
    }
    return told
  }
}
