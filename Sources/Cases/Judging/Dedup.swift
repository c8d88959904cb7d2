package import Primitives

/// Which findings are one alert, where a rule or a mapping row says so itself: `dedup = { by = "user", within = 1 * hour }`.
package struct Dedup: Hashable, Sendable {
  /// Fields of the event that must be equal; empty for whom the alert is about.
  package var by: [String]
  /// How long after the last finding another one still joins; the setting `alerts.dedup_window` where missing.
  package var within: TimeSpan?

  package static let longest = TimeSpan.days(30)

  package init(by: [String] = [], within: TimeSpan? = nil) {
    self.by = by
    self.within = within
  }
}

/// What findings are counted together by, and for how long.
struct Thread {
  var key: CaseKey
  var within: TimeSpan
  var atMost: TimeSpan
}

extension Judge {
  /// The thread of a finding: what its mapping row declares, else its rule, else the entity within the setting's window.
  ///
  /// Findings of one row that declares it join whichever rule found them. An event that lacks one of the fields is told
  /// apart by its entity; missing where there is none.
  ///
  /// - Parameter value: a field of the event as text.
  func thread(
    of entity: Entity?, row id: String?, _ declaredByRow: Dedup?, rule: String?,
    value: (String) -> String?
  ) -> Thread? {
    let declared = declaredByRow ?? rule.flatMap { policy.dedup[$0] }
    let within = declared?.within ?? settings.joinWithin
    let finder = declaredByRow == nil ? rule : nil
    let atMost = max(settings.joinAtMost, within)
    if let fields = declared?.by, !fields.isEmpty {
      let values = fields.compactMap(value)
      if values.count == fields.count {
        var digest = CauseDigest.of("dedup", id, finder)
        for (field, value) in zip(fields, values) {
          digest.add(field)
          digest.add(value)
        }
        return Thread(key: digest.key, within: within, atMost: atMost)
      }
    }
    guard let entity else { return nil }
    return Thread(
      key: CauseDigest.of(entity.field, entity.value, id, finder).key, within: within,
      atMost: atMost)
  }
}
