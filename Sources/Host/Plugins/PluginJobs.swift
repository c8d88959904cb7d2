import Cases
import Detection
import Foundation
package import Plugins
package import Primitives
import Response

/// What the plugin commands do: list, check, test and start plugins.
package struct PluginJobs: Sendable {
  private let settings: Settings
  private let folders: [String]
  /// What is wrong with the settings themselves.
  private let problems: [Diagnostic]

  /// - Parameters:
  ///   - folders: folders instead of the configured ones; empty for those.
  ///   - problems: what is wrong with the settings, for `check` to tell.
  package init(settings: Settings, folders: [String], problems: [Diagnostic] = []) {
    self.settings = settings
    self.folders = folders
    self.problems = problems
  }

  package func list() throws(Failure) -> PluginList {
    let installation = try Installation(settings, folders: folders)
    let installed = installation.plugins
    let gaps = installation.grants.gaps
    let last = try HealthFile.read(settings)
    let health = last?.plugins ?? []
    func missing(_ id: String) -> [String] { gaps.first { $0.plugin == id }?.missing ?? [] }
    var entries: [PluginList.Entry] = []
    for rule in installed.rules {
      var entry = PluginList.Entry(
        kind: "rule", id: rule.id, title: rule.title, file: rule.file, note: rule.severity.word)
      // What is told of a file does not hold for one that was changed since.
      let source = PluginHealth.hash(of: rule)
      if let known = health.first(where: { $0.id == rule.id && $0.source == source }) {
        entry.isSetAside = known.isSetAside
        entry.lastError = known.lastFailure?.description
      }
      entries.append(entry)
    }
    // What ended the process is not even read: nobody knows of which kind it is.
    for aside in try SetAsidePlugins.read(settings).health {
      entries.append(
        .init(
          kind: "plugin", id: aside.id, title: "", file: aside.file, note: "", isSetAside: true,
          lastError: aside.lastFailure?.description))
    }
    for scenario in installed.scenarios {
      entries.append(
        .init(
          kind: "scenario", id: scenario.id, title: scenario.title, file: scenario.file,
          note: scenario.expectMapping ?? ""))
    }
    for mapping in installed.mappings {
      let rows = mapping.rows.count
      entries.append(
        .init(
          kind: "mapping", id: mapping.id, title: mapping.rows.map(\.id).joined(separator: ", "),
          file: installed.mappingFiles[mapping.id] ?? "", note: rows == 1 ? "1 row" : "\(rows) rows"
        ))
    }
    for plugin in installed.escalations {
      entries.append(
        .init(
          kind: "escalation", id: plugin.id, title: "", file: plugin.file,
          note: uses(plugin.escalation.uses), missingGrants: missing(plugin.id)))
    }
    for plugin in installed.playbooks {
      entries.append(
        .init(
          kind: "playbook", id: plugin.id,
          title: plugin.playbook.steps.map(\.name).joined(separator: ", "), file: plugin.file,
          note: uses(plugin.playbook.uses), missingGrants: missing(plugin.id)))
    }
    for suite in installed.suites {
      entries.append(
        .init(
          kind: "suite", id: suite.subject, title: "", file: suite.file,
          note: suite.cases.count == 1 ? "1 case" : "\(suite.cases.count) cases"))
    }
    return PluginList(
      entries: entries, problems: installed.problems + installation.grants.problems,
      digest: installed.digest, refusedReload: last?.refusedReload)
  }

  /// How the rules fared in the last run, the dearest first.
  package func top() throws(Failure) -> PluginTop {
    let last = try HealthFile.read(settings)
    return PluginTop(
      command: last?.command, ended: last?.ended, events: last?.events ?? 0,
      plugins: (last?.plugins ?? []).sorted { ($1.seconds, $0.id) < ($0.seconds, $1.id) }
        + (try SetAsidePlugins.read(settings).health),
      health: try Control(settings: settings).ruleHealth())
  }

  /// What the rules cost on the events of their suites, the dearest call first.
  ///
  /// Of a rule that has been called before, as in a run: the suite is run once to that end, and then `repeats` times.
  package func bench(repeats: Int = 20) throws(Failure) -> PluginTop {
    let installation = try Installation(settings, folders: folders)
    let rules = Dictionary(
      installation.plugins.rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var measured: [PluginHealth] = []
    for suite in installation.plugins.suites {
      guard let rule = rules[suite.subject] else { continue }
      measured.append(cost(of: rule, on: suite, installation, repeats: max(1, repeats)))
    }
    return PluginTop(
      command: "plugins bench", ended: nil, events: 0,
      plugins: measured.sorted {
        ($1.nanosecondsPerCall ?? 0, $0.id) < ($0.nanosecondsPerCall ?? 0, $1.id)
      })
  }

  private func cost(
    of rule: Rule, on suite: Suite, _ installation: Installation, repeats: Int
  ) -> PluginHealth {
    let settings = settings
    let runner = RuleRunner(
      rule: rule, vocabulary: installation.vocabulary, lists: installation.lists.book)
    let suites = SuiteRunner(set: installation.plugins, vocabulary: installation.vocabulary)
    func pass() -> Int {
      var benches: [EvaluatorBench] = []
      _ = suites.run(suite) {
        benches.append(
          try EvaluatorBench(installation: installation, settings: settings, only: runner))
        return benches[benches.count - 1]
      }
      return benches.flatMap(\.health).reduce(0) { $0 + $1.candidates }
    }
    _ = pass()
    let (calls, nanoseconds) = (runner.calls, runner.nanoseconds)
    let candidates = (0..<repeats).reduce(0) { sum, _ in sum + pass() }
    var health = PluginHealth(runner, candidates: candidates)
    health.calls -= calls
    health.seconds -= Double(nanoseconds) / 1e9
    return health
  }

  /// Every word that a plugin can use, in Markdown.
  package static var reference: String { PluginReference.markdown }

  /// The same as a document: the sections with their words.
  package static var referenceDocument: JSONValue {
    .list(
      PluginReference.sections.map { section in
        [
          "title": .text(section.title),
          "words": .list(
            section.entries.map { ["word": .text($0.written), "sentence": .text($0.sentence)] }),
        ]
      })
  }

  private func uses(_ capabilities: [String]) -> String {
    capabilities.isEmpty ? "" : "uses \(capabilities.joined(separator: ", "))"
  }

  /// Every problem of the plugins and of the files that they name, whichever others there are.
  package func check() throws(Failure) -> PluginCheck {
    let installation = try Installation(settings, folders: folders, isTolerant: true)
    let installed = installation.plugins
    let plugins =
      installed.rules.count + installed.scenarios.count + installed.mappings.count
      + installed.escalations.count + installed.playbooks.count
    return PluginCheck(
      plugins: plugins, suites: installed.suites.count,
      problems: problems + installation.problems + installed.problems
        + installation.grants.problems,
      ungranted: installation.grants.warnings)
  }

  /// Runs every suite on a fresh evaluator a case: the one that `detect` runs.
  package func test() throws(Failure) -> PluginTestOutcome {
    let installation = try Installation(settings, folders: folders)
    let settings = settings
    var cases: [SuiteCase] = []
    for suite in installation.plugins.suites {
      cases += SuiteRunner(set: installation.plugins, vocabulary: installation.vocabulary).run(
        suite,
        makeBench: { try EvaluatorBench(installation: installation, settings: settings) })
    }
    return PluginTestOutcome(cases: cases, problems: installation.plugins.problems)
  }

  /// Writes a plugin and its test; returns the paths.
  package func new(kind: String, name: String, into folder: String?) throws(Failure) -> [String] {
    guard PluginTemplate.kinds.contains(kind) else {
      let near = nearestName(to: kind, among: PluginTemplate.kinds)
      throw Failure(
        .usage, "unknown kind of plugin '\(kind)'",
        advice: near.map { "did you mean '\($0)'?" }
          ?? "give one of \(PluginTemplate.kinds.joined(separator: ", "))")
    }
    let files = PluginTemplate.files(kind: kind, name: name)
    guard !files.isEmpty else {
      throw Failure(
        .usage, "'\(name)' is not an id",
        advice: "use lower-case words joined by . and -, such as auth.first-login")
    }
    let standard = kind == "scenario" ? settings.plugins.last : settings.plugins.first
    let place = folder ?? settings.resolve(standard ?? "plugins")
    let paths = files.map { "\(place)/\($0.path)" }
    for path in paths where FileManager.default.fileExists(atPath: path) {
      throw Failure(.usage, "'\(path)' is there already", advice: "choose another id")
    }
    for (path, file) in zip(paths, files) {
      try Folder.make((path as NSString).deletingLastPathComponent)
      try OutputFile.write(file.text.utf8, to: path)
    }
    return paths
  }
}

/// What is installed.
package struct PluginList: Sendable {
  package struct Entry: Sendable, Hashable {
    package var kind: String
    package var id: String
    package var title: String
    package var file: String
    /// Severity of a rule, expected mapping of a scenario, size of a mapping or suite.
    package var note: String
    /// Whether the last run set it aside.
    package var isSetAside = false
    /// Of a rule in the last run: place, event and reason.
    package var lastError: String?
    /// What it asks for and is not granted.
    package var missingGrants: [String] = []

    /// `runs`, `set aside` or `not granted`.
    package var state: String {
      isSetAside ? "set aside" : missingGrants.isEmpty ? "runs" : "not granted"
    }
  }

  package var entries: [Entry]
  package var problems: [Diagnostic]
  package var digest: String
  /// Why the service did not take up the last change.
  package var refusedReload: String?
}

/// What the rules cost in the last run.
package struct PluginTop: Sendable {
  /// The run; missing where there was none.
  package var command: String?
  package var ended: String?
  package var events: Int
  package var plugins: [PluginHealth]
  /// How often installed rules fire, and what is wrong with them; empty where that was not asked for.
  package var health: [RuleHealth] = []
}

/// Every problem of every plugin.
package struct PluginCheck: Sendable {
  package var plugins: Int
  package var suites: Int
  /// Of the plugins, and of what the settings grant them.
  package var problems: [Diagnostic]
  /// What plugins ask for and are not granted: no mistake, for nothing needs to be granted.
  package var ungranted: [Diagnostic] = []

  /// Warnings do not fail a check.
  package var passed: Bool { !problems.contains { $0.severity == .error } }
}

/// How the suites went.
package struct PluginTestOutcome: Sendable {
  package var cases: [SuiteCase]
  /// Of loading; a suite that does not load cannot pass.
  package var problems: [Diagnostic]

  package var passed: Bool {
    cases.allSatisfy(\.passed) && !problems.contains { $0.severity == .error }
  }
}
