/// One thing that `doctor` looked at.
package struct DoctorCheck: Sendable, Hashable {
  package enum Status: String, Sendable {
    case passed = "ok"
    case warned = "warning"
    case failed
  }

  /// Such as `database`.
  package var name: String
  package var status: Status
  package var finding: String
  /// What to do about it; empty where nothing is wrong.
  package var advice: String
}
