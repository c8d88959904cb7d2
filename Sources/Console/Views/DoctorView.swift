package import Host
import Primitives

/// What `doctor` prints: each thing that it looked at, and what to do where something is wrong.
package struct DoctorView {
  private let checks: [DoctorCheck]

  package init(checks: [DoctorCheck]) { self.checks = checks }

  package func print(to screen: Screen, format style: RowStyle) {
    if style == .text {
      for check in checks { screen.print(line(check, screen.paint)) }
      screen.print(summary)
      return
    }
    var listing = Listing([
      .init("name", "Check"), .init("status", "Status"), .init("finding", "Finding"),
      .init("advice", "What to do"),
    ])
    for check in checks {
      listing.append([
        .text(check.name), .text(check.status.rawValue), .text(check.finding),
        check.advice.isEmpty ? .null : .text(check.advice),
      ])
    }
    screen.print(
      listing.rendered(style, name: "checks", empty: "", terminal: screen.output), terminator: "")
  }

  /// Findings may be long and are not cut: they say what to mend.
  private func line(_ check: DoctorCheck, _ paint: Paint) -> String {
    let word =
      switch check.status {
      case .passed: paint("ok     ", .green)
      case .warned: paint("warning", .yellow)
      case .failed: paint("failed ", .red)
      }
    let advice = check.advice.isEmpty ? "" : " (\(safe(check.advice)))"
    return "\(word)  \(safe(check.name)): \(finding(check))\(advice)"
  }

  /// Several problems stand below each other.
  private func finding(_ check: DoctorCheck) -> String {
    check.finding.split(separator: "\n").map { safe(String($0)) }.joined(separator: "\n         ")
  }

  private var summary: String {
    let failed = checks.count { $0.status == .failed }
    let warned = checks.count { $0.status == .warned }
    if failed + warned == 0 { return "all is well" }
    return "\(named(failed, "failure")), \(named(warned, "warning"))"
  }
}
