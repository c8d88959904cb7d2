import Cases
import Detection
import Plugins
package import Primitives
import Store

extension Control {
  /// Why a rule raised no alert on a kept event.
  ///
  /// - Throws: `Failure(.usage)` where there is no such rule or no such event, with the nearest name.
  ///
  /// - Parameter findsLine: whether the rule's function is followed line by line where it returned nothing.
  package func whyNot(
    rule id: String, event eventID: String, findsLine: Bool = true, progress: some JobProgress
  ) throws(Failure) -> Miss {
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    let kept = RetainedEvents(store) { progress.warn($0) }
    if id == SeriesStage.ruleID {
      guard let found = try kept.events(id: eventID).first else {
        throw try Control.unknownEvent(eventID, kept)
      }
      return try whyNotSeries(
        found, in: kept, store: store, installation: installation)
    }
    let rule = installation.plugins.rules.first { $0.id == id }
    if rule == nil, let reason = try reason(why: id, isMissingFrom: installation) {
      return Miss(
        rule: id, eventID: eventID, event: try kept.events(id: eventID).first?.event,
        cause: .notInstalled, sentence: "the rule is not installed: \(reason)")
    }
    guard let rule else {
      throw .unknown(
        "rule", id, among: installation.plugins.rules.map(\.id) + [SeriesStage.ruleID],
        advice: "moonwatch plugins list shows them")
    }
    guard let found = try kept.events(id: eventID).first else {
      return try unkept(rule, eventID, kept)
    }
    // As the run decided, whatever the settings say now.
    let then = try store.settings(ofRun: found.stream.run)
    let finder = try MissFinder(
      rule, on: [found.number: found.event], of: found.stream, in: kept, store: store,
      installation: installation, settings: settings.deciding(as: then))
    guard var miss = try finder.find(progress: progress)[found.number] else {
      preconditionFailure("every event that is asked about is answered")
    }
    miss.settingsThen = settings.changes(since: then)
    if findsLine && miss.cause == .detectNothing && rule.hasDetect {
      let lines = try lines(
        of: rule, on: found, in: kept, store: store, installation: installation, only: nil,
        progress)
      miss.decide(at: lines.visits, in: rule.origin.source.text)
    }
    return miss
  }

  /// The problem of the file that should hold a rule, which keeps it from being installed.
  private func reason(
    why id: String, isMissingFrom installation: Installation
  ) throws(Failure) -> String? {
    for problem in installation.plugins.problems where problem.severity == .error {
      let text: String
      do throws(Failure) {
        text = try Folder.text(of: problem.file, "the plugin")
      } catch {
        // A problem of a folder, or of a file that has gone: it names no rule.
        continue
      }
      if text.contains("\"\(id)\"") || text.contains("'\(id)'") { return problem.description }
    }
    return nil
  }

  private func unkept(
    _ rule: Rule, _ eventID: String, _ kept: RetainedEvents
  ) throws(Failure) -> Miss {
    if let letter = try DeadLetterSearch(dataDirectory: settings.dataDirectory).first(
      with: eventID)
    {
      return Miss(
        rule: rule.id, eventID: eventID, cause: .deadLetter,
        sentence: "it is among the dead letters (\(letter.reason)): \(letter.detail); "
          + "\(letter.file):\(letter.line)")
    }
    throw try Control.unknownEvent(eventID, kept)
  }

  static func unknownEvent(_ id: String, _ kept: RetainedEvents) throws(Failure) -> Failure {
    Failure(
      .usage, "no event '\(id)' is kept",
      advice: try kept.nearestID(to: id).map { "did you mean '\($0)'?" }
        ?? "events are kept for as long as retention.days and retention.bytes allow")
  }
}
