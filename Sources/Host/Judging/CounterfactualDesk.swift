import Cases
import Detection
import Foundation
import Learning
import Plugins
import Primitives
import Store

/// Answers what would have cleared an alert, with the plugins of an installation and the models that alerts name.
///
/// Made once for many alerts: plugins and models are read once.
final class CounterfactualDesk {
  private let installation: Installation
  private let settings: Settings
  private let rules: [String: Rule]
  /// Digest → path, of models that were trained here.
  private let registered: [String: String]
  private var models: [String: Result<LoadedModel, Failure>] = [:]
  private let runners: RunnerShelf
  /// By rule, of its file, which is read whole for it.
  private var digests: [String: String] = [:]
  /// What asks the kept events; missing where there are none.
  private let memory: CounterfactualMemory?

  struct LoadedModel {
    let model: Model
    let digest: String
    /// What each column is compared with in its trees.
    let cuts: [[Double]]

    init(_ model: Model) {
      self.model = model
      digest = model.digest
      cuts = JudgedModel.thresholds(of: model.forest)
    }
  }

  /// - Parameter kept: the events that a data directory keeps: what detectors and rules remembered is found again by them.
  init(
    _ installation: Installation, settings: Settings, registered: [String: String] = [:],
    kept: (events: RetainedEvents, store: AlertStore)? = nil
  ) {
    memory = kept.map {
      CounterfactualMemory(
        kept: $0.events, store: $0.store, installation: installation, settings: settings)
    }
    runners = RunnerShelf(vocabulary: installation.vocabulary, lists: installation.lists.book)
    self.installation = installation
    self.settings = settings
    self.registered = registered
    rules = Dictionary(
      installation.plugins.rules.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
  }

  func answer(_ alert: Alert, frozen: FrozenEvidence?) -> Counterfactual {
    if frozen?.isFlood == true {
      return Counterfactual(
        alert: alert.id,
        verdict: .nothing(
          why: "it was raised by how many alerts there were, not by what an event was like"))
    }
    guard let kept = frozen?.judgement else {
      return Counterfactual(
        alert: alert.id,
        verdict: .unknown(why: "the alert is of a version that did not keep what this needs"))
    }
    var notes: [String] = []
    if let silence = SilenceCounterfactual(kept, rules) {
      return silence.answer(alert)
    }
    if let why = unfit(kept) {
      return Counterfactual(alert: alert.id, verdict: .unknown(why: why), notes: notes)
    }
    if !kept.cut.isEmpty {
      notes.append("too long to be kept with the alert: \(kept.cut.joined(separator: ", "))")
    }
    let asked = judging(kept, &notes)
    for why in silent(kept, asked) {
      return Counterfactual(alert: alert.id, verdict: .unknown(why: why), notes: notes)
    }
    var model: LoadedModel?
    if let scoring = kept.model {
      switch load(scoring, alert) {
      case .success(let loaded):
        guard loaded.model.features == scoring.facts.map(\.name) else {
          return Counterfactual(
            alert: alert.id,
            verdict: .unknown(
              why: "the model looks at other features than when the alert was raised"),
            notes: notes)
        }
        if loaded.digest != scoring.digest {
          notes.append("the model has changed since: it is judged by the one of now")
        }
        model = loaded
      case .failure(let failure):
        if scoring.found {
          return Counterfactual(
            alert: alert.id, verdict: .unknown(why: "the model is not there: \(failure.message)"),
            notes: notes)
        }
        notes.append("the model is not there, only the rules are asked: \(failure.message)")
      }
    }
    var known = Rejudge.Memory()
    do throws(Failure) {
      let keeping = asked.map(\.rule).filter { runners.keepsVariables($0) }
      known.calls = try memory?.calls(of: keeping, before: alert) ?? [:]
      if kept.rules.contains(where: { $0.fired && $0.id == SeriesStage.ruleID }) {
        known.series = try memory?.series(of: alert)
        if known.series == nil {
          return Counterfactual(
            alert: alert.id,
            verdict: .unknown(
              why: "\(SeriesStage.ruleID) judges by all earlier values of the series, and these "
                + "are not kept any more"), notes: notes)
        }
      }
    } catch {
      return Counterfactual(
        alert: alert.id, verdict: .unknown(why: error.description), notes: notes)
    }
    return answer(alert, kept, asked, model, notes, known)
  }

  private func answer(
    _ alert: Alert, _ kept: FrozenJudgement,
    _ asked: [(rule: Rule, kept: FrozenJudgement.Ruling)], _ loaded: LoadedModel?,
    _ notes: [String], _ memory: Rejudge.Memory
  ) -> Counterfactual {
    let model = loaded?.model
    var judge = Rejudge(
      kept, rules: asked, model: loaded, runners: runners, lists: installation.lists.book,
      memory: memory)
    var result = Counterfactual(alert: alert.id, verdict: .clears, notes: notes)
    result.scoreBefore = judge.score([])
    result.threshold = model?.alertThreshold
    result.isRarity = model?.meaning == .rarity
    let firing = Set(judge.firing([]))
    if let lost = kept.rules.first(where: { $0.fired && !firing.contains($0.id) })?.id {
      result.verdict = .unknown(
        why: "\(lost) does not fire on what was kept: it goes by what it remembers of earlier "
          + "events, or has changed")
      return result
    }
    if judge.outcome([]).isClear {
      result.verdict = .unknown(
        why: "with the rules and the model of now the alert would not be raised")
      return result
    }
    let answer = CounterfactualSearch(
      quantities: judge.quantities, candidates: judge.candidates
    ).search(&judge)
    guard !answer.change.isEmpty else {
      result.verdict = .nothing(why: reason(kept, judge.quantities, tried: answer.tried))
      return result
    }
    judge.startAnew()
    guard judge.outcome(answer.change).isClear else {
      result.verdict = .unknown(
        why: "a rule judges by what it remembers of earlier events, so that no change can be proved"
      )
      return result
    }
    let words = CounterfactualWords(judge.quantities, facts: judge.facts)
    result.changes = answer.change.map(words.change)
    result.alternatives = answer.alternatives.prefix(4).map { words.change($0[0]) }
    result.followers = words.followers(answer.change, among: judge.causes)
    result.scoreAfter = judge.score(answer.change)
    return result
  }

  private func reason(
    _ kept: FrozenJudgement, _ quantities: Quantities, tried: Int
  ) -> String {
    if tried == 0 {
      let rules = kept.rules.filter(\.fired).map(\.id)
      let who = rules.isEmpty ? "the model" : Joining.and(rules)
      return "\(who) judged what the event is, and nothing of that is a matter of more or less"
    }
    return "no change that was tried clears it (\(Format.count(tried)) were)"
  }

  /// Why nothing of an alert can be judged again at all.
  private func unfit(_ kept: FrozenJudgement) -> String? {
    for ruling in kept.rules where ruling.fired && !isOfSeries(ruling) {
      if rules[ruling.id] == nil { return "the rule \(ruling.id) is not installed any more" }
    }
    return nil
  }

  /// Whether it is the detector of series, which is no plugin.
  private func isOfSeries(_ ruling: FrozenJudgement.Ruling) -> Bool {
    ruling.id == SeriesStage.ruleID && ruling.digest == nil
  }

  /// The kept rules that are installed, with notes on those that have changed.
  private func judging(
    _ kept: FrozenJudgement, _ notes: inout [String]
  ) -> [(rule: Rule, kept: FrozenJudgement.Ruling)] {
    kept.rules.compactMap { ruling in
      guard let rule = rules[ruling.id] else { return nil }
      let digest = digests[rule.id] ?? rule.digest
      digests[rule.id] = digest
      let isSame = ruling.digest == digest
      if !isSame && ruling.fired {
        notes.append("the rule \(rule.id) has changed since: it is judged by the one of now")
      }
      guard rule.features.map(\.name) == ruling.facts.map(\.name) else {
        return nil
      }
      return (rule, ruling)
    }
  }

  /// Why a fired rule cannot be asked again.
  private func silent(
    _ kept: FrozenJudgement, _ asked: [(rule: Rule, kept: FrozenJudgement.Ruling)]
  ) -> [String] {
    kept.rules.filter { $0.fired && !isOfSeries($0) }.compactMap { ruling in
      asked.contains { $0.rule.id == ruling.id }
        ? nil : "the rule \(ruling.id) looks at other features than when the alert was raised"
    }
  }

  // MARK: models

  private func load(
    _ scoring: FrozenJudgement.Scoring, _ alert: Alert
  ) -> Result<LoadedModel, Failure> {
    if let known = models[scoring.digest] { return known }
    let loaded = read(scoring)
    models[scoring.digest] = loaded
    return loaded
  }

  /// The file where it lay, or wherever a model of this digest was trained to.
  private func read(_ scoring: FrozenJudgement.Scoring) -> Result<LoadedModel, Failure> {
    var places: [String] = []
    if let path = scoring.path { places += [path, settings.resolve(path)] }
    if let path = registered[scoring.digest] { places += [path, settings.resolve(path)] }
    guard let place = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      return .failure(
        Failure(.usage, "no file '\(scoring.path ?? "of model \(scoring.digest.prefix(12))")'"))
    }
    do throws(Failure) {
      let model = try ModelFile.load(path: place)
      return .success(LoadedModel(model))
    } catch {
      return .failure(error)
    }
  }
}

extension Rule {
  /// Of its file: tells whether a rule is still the one that an alert was raised by.
  var digest: String { String(origin.source.hash, radix: 16) }
}
