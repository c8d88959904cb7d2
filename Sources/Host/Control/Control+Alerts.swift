package import Cases
import Detection
package import Primitives
package import Store

extension Control {
  package func owners() throws(Failure) -> Owners { try Installation.owners(settings) }

  package func list(
    since: Timestamp? = nil, until: Timestamp? = nil, severity: String? = nil,
    entity: String? = nil, rule: String? = nil, mapping: String? = nil, status: String? = nil,
    limit: Int = 50
  ) throws(Failure) -> [StoredAlert] {
    var filter = AlertFilter()
    filter.since = since
    // The filter's end is included, the command line's is not.
    filter.until = until.map { $0 - TimeSpan(microseconds: 1) }
    if let (field, value) = Control.named(entity) {
      filter.entityField = field
      filter.entity = value
    }
    filter.rule = rule
    filter.mapping = mapping
    filter.limit = limit
    filter.severity = try word(severity, "severity", Severity.init, Severity.allCases.map(\.word))
    filter.status = try word(
      status, "status", StoredAlert.Status.init(rawValue:),
      StoredAlert.Status.allCases.map(\.rawValue))
    guard limit > 0 else { throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more") }
    return try store(.readOnly).alerts(filter)
  }

  package func alert(_ idOrPrefix: String) throws(Failure) -> (
    stored: StoredAlert, frozen: FrozenEvidence?
  ) {
    let store = try store(.readOnly)
    let stored = try store.alert(idOrPrefix)
    return (stored, try store.frozen(stored.alert.id))
  }

  /// Returns the closed alert's id.
  package func close(
    _ idOrPrefix: String, disposition: String, note: String
  ) throws(Failure) -> String {
    let words = StoredAlert.Disposition.allCases.map { $0.rawValue.replacing("_", with: "-") }
    guard
      let known = try word(
        disposition, "disposition",
        { StoredAlert.Disposition(rawValue: $0.replacing("-", with: "_")) }, words)
    else { throw Failure(.usage, "an alert is closed as something", advice: "give --as") }
    return try store(.readWrite).close(
      idOrPrefix, known, note: note.isEmpty ? nil : note, at: WallClock.now()
    ).alert.id
  }

  /// Returns the opened alert's id.
  package func reopen(_ idOrPrefix: String) throws(Failure) -> String {
    try store(.readWrite).reopen(idOrPrefix).alert.id
  }

  /// `user=ana` is an entity with its field, `ana` one of whatever field.
  private static func named(_ entity: String?) -> (field: String?, value: String)? {
    guard let entity else { return nil }
    guard let sign = entity.firstIndex(of: "="), sign > entity.startIndex else {
      return (nil, entity)
    }
    return (String(entity[..<sign]), String(entity[entity.index(after: sign)...]))
  }
}
