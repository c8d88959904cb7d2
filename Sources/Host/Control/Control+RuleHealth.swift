package import Cases
import Foundation
import Plugins
package import Primitives
import Store

/// How a rule fares in what was read so far: how often it fires, and whether anything is wrong with it.
package struct RuleHealth: Sendable, Hashable {
  package var rule: String
  package var firing: FiringHistory
  /// Fields that it reads and that have gone missing.
  package var gone: [GoneField]

  /// What is wrong, in sentences; empty where nothing is.
  package var alarms: [String] {
    var alarms = gone.map { gone in
      "'\(gone.field)' is gone from '\(gone.kind)' events of source '\(gone.source)' since \(gone.since)"
    }
    if firing.isSilent, let last = firing.last, let silence = firing.silence,
      let pause = firing.longestPause
    {
      alarms.append(
        "silent for \(Format.span(silence)) since \(last); "
          + "its longest pause in \(firing.alerts) alerts was \(Format.span(pause))")
    }
    return alarms
  }
}

extension Control {
  /// The health of every installed rule over the last 28 days that were read, in order of id.
  package func ruleHealth() throws(Failure) -> [RuleHealth] {
    let rules = try Installation(settings).plugins.rules
    let fields = try FieldRecord.read(settings)
    let firings = try recentFirings(fields)
    return RuleHealth.all(rules.map(\.id).sorted(), firings: firings, fields: fields)
  }

  /// None where there is no database yet.
  private func recentFirings(_ fields: FieldRecord) throws(Failure) -> [Firing] {
    guard FileManager.default.fileExists(atPath: settings.dataDirectory + "/moonwatch.db") else {
      return []
    }
    return try RuleHealth.firings(try store(.readOnly), fields: fields)
  }
}

extension RuleHealth {
  private static let span = TimeSpan.days(28)

  static func firings(_ store: AlertStore, fields: FieldRecord) throws(Failure) -> [Firing] {
    let newest = [try store.newestAlert(), fields.newest.values.max()].compactMap { $0 }.max()
    return try newest.map { (time) throws(Failure) in
      try store.firings(since: time - span)
    } ?? []
  }

  /// A rule's silence ends with the newest event of the sources that it fired on: where these stopped, it is not to blame.
  static func all(_ rules: [String], firings: [Firing], fields: FieldRecord) -> [RuleHealth] {
    var times: [String: [Timestamp]] = [:]
    var sources: [String: Set<String>] = [:]
    var newest = fields.newest
    for firing in firings {
      newest[firing.source] = max(newest[firing.source] ?? firing.time, firing.time)
      for finder in firing.finders {
        times[finder, default: []].append(firing.time)
        sources[finder, default: []].insert(firing.source)
      }
    }
    let first = firings.first?.time
    let gone = fields.gone
    return rules.map { rule in
      let times = times[rule] ?? []
      let end = (sources[rule] ?? []).compactMap { newest[$0] }.max() ?? newest.values.max()
      let start = min(first ?? .distantPast, end ?? .distantPast)
      return RuleHealth(
        rule: rule, firing: FiringHistory(times, over: start...max(start, end ?? start)),
        gone: gone.filter { $0.rules.contains(rule) })
    }
  }
}
