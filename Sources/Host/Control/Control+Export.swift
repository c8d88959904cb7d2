package import Cases
import Detection
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
    let count = try store.forEachAlert(filter) { (stored) throws(Failure) in
      try file.write(form.line(stored.exported, product: Version.text).utf8)
    }
    try file.finish()
    return count
  }

  /// What `alerts list` and `alerts export` are asked for, in words.
  package func filter(
    since: Timestamp? = nil, until: Timestamp? = nil, severity: String? = nil,
    entity: String? = nil, rule: String? = nil, mapping: String? = nil, status: String? = nil,
    assignee: String? = nil
  ) throws(Failure) -> AlertFilter {
    var filter = AlertFilter(limit: nil)
    filter.since = since
    // The filter's end is included, the command line's is not.
    filter.until = until.map { $0 - TimeSpan(microseconds: 1) }
    if let (field, value) = Control.named(entity) {
      filter.entityField = field
      filter.entity = value
    }
    filter.rule = rule
    filter.mapping = mapping
    filter.assignee = assignee
    filter.severity = try word(severity, "severity", Severity.init, Severity.allCases.map(\.word))
    try set(status: status, of: &filter)
    return filter
  }
}
