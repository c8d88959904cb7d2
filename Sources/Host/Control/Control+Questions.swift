package import Detection
import Plugins
package import Primitives
package import Store

extension Control {
  package func find(_ query: AlertQuery) throws(Failure) -> [StoredAlert] {
    try store(.readOnly).find(query)
  }

  package func count(_ query: AlertQuery) throws(Failure) -> Int {
    try store(.readOnly).count(query)
  }

  package func counts(
    _ query: AlertQuery, by key: AlertQuery.Key, top: Int?
  ) throws(Failure) -> (rows: [AlertQuery.Count], values: Int) {
    try store(.readOnly).counts(query, by: key, top: top)
  }

  package func measure(
    _ query: AlertQuery, _ measure: AlertMeasure
  ) throws(Failure) -> (rows: [AlertMeasure.Row], groups: Int) {
    try store(.readOnly).measure(query, measure)
  }

  /// The fields of the entities that alerts name, whether they are about them or not.
  package func namedFields() throws(Failure) -> [String] { try store(.readOnly).namedFields() }

  /// The entities that alerts are about and whose value has a text in it.
  package func entities(holding text: String) throws(Failure) -> [(field: String, value: String)] {
    try store(.readOnly).entities(holding: text)
  }

  package func history(
    of feature: String, _ query: AlertQuery
  ) throws(Failure) -> [(time: Timestamp, value: Double)] {
    try store(.readOnly).history(of: feature, query)
  }

  /// When the first and the last alert happened; missing where there is none.
  package func span() throws(Failure) -> ClosedRange<Timestamp>? {
    try store(.readOnly).span()
  }

  package func values(of key: AlertQuery.Key) throws(Failure) -> [String] {
    try store(.readOnly).values(of: key)
  }

  package func entityFields() throws(Failure) -> [String] { try store(.readOnly).entityFields() }

  package func ids(beginning prefix: String) throws(Failure) -> [String] {
    try store(.readOnly).ids(beginning: prefix)
  }

  /// Answers a question in SQL that can change nothing; see `ReadOnlySQL`.
  package func sql(
    _ text: String, limit: Int, seconds: Double, isStopped: @escaping () -> Bool
  ) throws(Failure) -> ReadOnlySQL.Rows {
    // Opened once as any reader does, for what it says where there is no database or another program's.
    _ = try database(.readOnly)
    return try ReadOnlySQL(dataDirectory: settings.dataDirectory).rows(
      text, limit: limit, seconds: seconds, isStopped: isStopped)
  }
}

/// A rule as an analyst asks after it.
package struct RuleCard: Sendable {
  package var id: String
  package var title: String
  package var severity: Severity
  package var tags: [String]
  package var kinds: [String]
  package var features: [String]
  package var hasDetect: Bool
  package var file: String
  /// Why it does not run; missing where it does.
  package var setAside: String?
}

extension Control {
  /// The installed rules in order of their ids.
  package func rules() throws(Failure) -> [RuleCard] {
    let health = try HealthFile.read(settings)?.plugins ?? []
    return try Installation(settings).plugins.rules.map { rule in
      let known = health.first { $0.id == rule.id && $0.source == PluginHealth.hash(of: rule) }
      return RuleCard(
        id: rule.id, title: rule.title, severity: rule.severity, tags: rule.tags,
        kinds: rule.kinds, features: rule.features.map(\.name), hasDetect: rule.hasDetect,
        file: rule.file,
        setAside: known.flatMap {
          $0.isSetAside ? $0.lastFailure?.description ?? "set aside" : nil
        })
    }.sorted { $0.id < $1.id }
  }

  /// The file of an installed rule and its lines as they stand now.
  package func source(ofRule id: String) throws(Failure) -> (file: String, lines: [String]) {
    let rules = try Installation(settings).plugins.rules
    guard let rule = rules.first(where: { $0.id == id }) else {
      throw .unknown("rule", id, among: rules.map(\.id), advice: "rules() shows all")
    }
    var lines = rule.origin.source.text.split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    if lines.last == "" { lines.removeLast() }
    return (rule.file, lines)
  }

  /// Holds the plugins as they stand against those that passed last; `accepts`: they take their place where they pass.
  package func gate(
    _ options: GateOptions, accepts: Bool, progress: some JobProgress
  ) throws(Failure) -> GateReport {
    var options = options
    if !accepts && options.against.isEmpty {
      let accepted = try AcceptedPlugins(settings, .last).folders()
      // Nothing passed yet: held against themselves, what is caught and how loud they are is all that is told.
      options.against = accepted.isEmpty ? settings.plugins.map(settings.resolve) : accepted
    }
    return try GateJob(settings: settings, options: options).run(progress: progress)
  }
}

extension Control {
  /// The ids of the installed scenarios, in order.
  package func scenarios() throws(Failure) -> [String] {
    try Installation(settings).plugins.scenarios.map(\.id).sorted()
  }
}

extension Control {
  /// The synonyms of questions in words, beside the settings, and the file's name.
  package func questionWords() throws(Failure) -> (text: String, file: String) {
    let file = settings.resolve("config/words.txt")
    return (try Folder.text(of: file, "the words of questions"), file)
  }
}
