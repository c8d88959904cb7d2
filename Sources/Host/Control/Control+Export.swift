package import Cases
import Detection
import Plugins
package import Primitives
package import Store

extension Control {
  /// Writes alerts for another system, oldest first, one a line; a dash is standard output. However many there are, one is
  /// in memory.
  ///
  /// - Returns: how many were written.
  package func export(
    _ filter: AlertFilter, as form: AlertExport, to path: String
  ) throws(Failure) -> Int {
    let store = try store(.readOnly)
    let file = try OutputFile(path)
    try file.write(form.header.utf8)
    let incidents = try incidentNames(store)
    let count = try store.forEachAlert(filter) { (stored) throws(Failure) in
      var stored = stored
      stored.alert.incident = incidents[stored.alert.id] ?? stored.alert.incident
      try file.write(form.line(stored.exported, product: Version.text).utf8)
    }
    try file.finish()
    return count
  }

  /// What `alerts list` and `alerts export` are asked for, in words.
  ///
  /// - Throws: `Failure(.usage)` where a rule or a mapping row is neither installed nor that of any alert, with the nearest.
  package func filter(
    since: Timestamp? = nil, until: Timestamp? = nil, severity: String? = nil,
    entity: String? = nil, rule: String? = nil, mapping: String? = nil, status: String? = nil,
    assignee: String? = nil
  ) throws(Failure) -> AlertFilter {
    try Control.check(since, until)
    try known(rule: rule, mapping: mapping)
    try known(field: Control.named(entity)?.field)
    var filter = AlertFilter(limit: nil)
    filter.since = since
    // The filter's end is included, the command line's is not.
    filter.until = until.map { $0 - TimeSpan(microseconds: 1) }
    if let (field, value) = Control.named(entity) {
      filter.entityField = field
      filter.entity = value
    }
    if rule == Control.modelAsFinder { filter.kind = .model } else { filter.rule = rule }
    filter.mapping = mapping
    filter.assignee = assignee
    filter.severity = try word(severity, "severity", Severity.init, Severity.allCases.map(\.word))
    try set(status: status, of: &filter)
    return filter
  }

  /// What found an alert that no rule did, where finders are named.
  static let modelAsFinder = "model"

  static func check(_ since: Timestamp?, _ until: Timestamp?) throws(Failure) {
    guard let since, let until, since > until else { return }
    throw Failure(
      .usage, "the time ends at \(until), before it begins at \(since)",
      advice: "give --since the earlier one")
  }

  /// A name that nobody has would find nothing and read like peace.
  private func known(rule: String?, mapping: String?) throws(Failure) {
    if rule == nil && mapping == nil { return }
    let store = try store(.readOnly)
    let rules = try rule == nil ? [] : store.values(of: .rule)
    let rows = try mapping == nil ? [] : store.values(of: .mapping)
    let isKnown = (rule.map(rules.contains) ?? true) && (mapping.map(rows.contains) ?? true)
    if isKnown { return }
    let installation = try Installation(settings)
    let finders = Set(rules + installation.finders + [Control.modelAsFinder])
    if let rule, !finders.contains(rule) {
      throw .unknown(
        "rule", rule, among: finders.sorted(), advice: "moonwatch plugins list shows them")
    }
    let installed = installation.plugins.mappings.flatMap { $0.rows.map(\.id) }
    let all = Set(rows + installed)
    if let mapping, !all.contains(mapping) {
      throw .unknown(
        "mapping row", mapping, among: all.sorted(), advice: "moonwatch plugins list shows mappings"
      )
    }
  }

  /// A field of entities that no alert is about, no source has and no rule goes by.
  private func known(field: String?) throws(Failure) {
    guard let field else { return }
    let told = try store(.readOnly).entityFields()
    if told.contains(field) { return }
    let installation = try Installation(settings)
    let fields = installation.vocabulary.fields.filter { $0.value == .text }.map(\.key)
    // What the service itself watches has names of its own.
    let all = Set(told + fields + ["rule"])
    if all.contains(field) { return }
    throw Failure(
      .usage, "no source has a field '\(AlertCard.shown(field))' that names somebody",
      advice: nearestName(to: field, among: all.sorted()).map { "did you mean '\($0)'?" }
        ?? "give an entity such as user=ana")
  }
}
