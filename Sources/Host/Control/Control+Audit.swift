package import Cases
package import Primitives
package import Store

extension Control {
  /// Who changed what, newest first.
  package func audit(_ filter: AuditLog.Filter) throws(Failure) -> [AuditRecord] {
    if let limit = filter.limit, limit < 1 {
      throw Failure(.usage, "--limit is \(limit)", advice: "give 1 or more")
    }
    return try AuditLog(try database(.readOnly)).records(filter)
  }

  /// Whether the audit is as it was written, from the first record to the last.
  ///
  /// - Parameter expected: a record that was written down elsewhere, as `NUMBER:SEAL`.
  package func verifyAudit(expected: String? = nil) throws(Failure) -> AuditVerdict {
    let anchor = try expected.map { (text) throws(Failure) in
      guard let anchor = AuditAnchor(text) else {
        throw Failure(
          .usage, "'\(AlertCard.shown(text))' is not a record and its seal",
          advice: "give what 'moonwatch audit verify' printed, such as 12:5f0c…, 16 digits or more")
      }
      return anchor
    }
    return try AuditLog(try database(.readOnly)).verify(anchor: anchor)
  }
}
