package import Cases
import Detection
import Primitives
package import Store

/// What `audit list` prints: who changed what, a record a line.
package struct AuditListView {
  private let records: [AuditRecord]

  package init(records: [AuditRecord]) { self.records = records }

  package func print(to screen: Screen, format style: RowStyle) {
    var listing = Listing([
      .init("record", "Record", .trailing, importance: 9), .init("time", "Time", importance: 7),
      .init("who", "Who", importance: 9), .init("account", "Account", importance: 0),
      .init("action", "Did", importance: 9), .init("kind", "What", importance: 3),
      .init("subject", "Which", importance: 8), .init("before", "Before", importance: 1),
      .init("after", "After", importance: 4), .init("note", "Why", importance: 5),
      .init("seal", "Seal", importance: 0),
    ])
    for record in records {
      let who = record.actor
      listing.append(
        [
          .integer(record.number), .text(record.time.description),
          .text(who.kind == .person ? who.name : "\(who.kind.rawValue) \(who.name)"),
          .text(who.account), .text(record.action), .text(record.kind), .text(record.subject),
          value(record.before), value(record.after), record.note.map(JSONValue.text) ?? .null,
          .text(record.sealText),
        ],
        shown: [
          "time": .init(Format.second(record.time)),
          "subject": .init(
            record.kind == "alert" ? String(record.subject.prefix(ShortID.length)) : record.subject),
          "before": .init(members(record.before)), "after": .init(members(record.after)),
          "seal": .init(String(record.sealText.prefix(16))),
        ])
    }
    screen.print(
      listing.rendered(
        style, name: "records", empty: "No change is recorded.", terminal: screen.output),
      terminator: "")
  }

  /// A record that was tampered with need not hold JSON any more.
  private func value(_ json: String?) -> JSONValue {
    guard let json else { return .null }
    do {
      return try JSONValue.parse(json)
    } catch {
      return .text(json)
    }
  }

  /// `status closed, disposition benign`.
  private func members(_ json: String?) -> String {
    guard case .object(let members) = value(json) else { return json ?? Format.missing }
    let parts = members.compactMap { member -> String? in
      switch member.value {
      case .null: nil
      case .text(let text): "\(member.key) \(text)"
      default: "\(member.key) \(member.value.serialized())"
      }
    }
    return parts.isEmpty ? Format.missing : parts.joined(separator: ", ")
  }
}

/// What `audit verify` prints.
package struct AuditVerdictView {
  private let verdict: AuditVerdict
  private static let mostTold = 20

  package init(verdict: AuditVerdict) { self.verdict = verdict }

  package func print(to screen: Screen, format style: RowStyle) {
    switch style {
    case .text: screen.print(text)
    case .json, .csv:
      var listing = Listing([
        .init("whole", "Whole"), .init("records", "Records"), .init("seal", "Seal"),
        .init("broken_at", "Broken at"), .init("problem", "Problem"), .init("alerts", "Alerts"),
        .init("others", "Others"),
      ])
      let problem = verdict.problem
      let wrong = verdict.mismatches.first.map { "\(AuditVerdictView.name($0)): \($0.what)" }
      let alerts = verdict.mismatches.filter { $0.kind == .alert }
      let others = verdict.mismatches.filter { $0.kind != .alert }
      listing.append([
        .flag(verdict.isWhole), .integer(verdict.records), .text(hexadecimal(verdict.seal)),
        problem.map { .integer($0.record) } ?? .null,
        (problem?.what ?? wrong).map { .text($0) } ?? .null,
        .list(alerts.map { .text($0.id) }),
        .list(others.map { .text(AuditVerdictView.name($0)) }),
      ])
      if style == .csv {
        screen.print(
          listing.rendered(.csv, name: "", empty: "", terminal: screen.output), terminator: "")
      } else {
        screen.print(listing.objects[0].serialized(.indented))
      }
    }
  }

  /// `alert 5f0c…`, `mute 3`, `kept findings`
  private static func name(_ mismatch: AuditVerdict.Mismatch) -> String {
    switch mismatch.kind {
    case .findings: "\(mismatch.id) findings"
    case .alert, .mute, .incident, .entity: "\(mismatch.kind.rawValue) \(mismatch.id)"
    }
  }

  private var text: String {
    let whole = "\(named(Int(verdict.records), "record"))"
    if let problem = verdict.problem {
      return """
        The audit is broken at record \(problem.record): \(problem.what).
        \(verdict.records == 0 ? "No record stands before it." : "\(whole) before it \(verdict.records == 1 ? "is" : "are") as written.")
        """
    }
    if !verdict.mismatches.isEmpty {
      let told = verdict.mismatches.prefix(AuditVerdictView.mostTold).map {
        "  \(safe(AuditVerdictView.name($0))): \(safe($0.what))"
      }
      let rest = verdict.mismatches.count - told.count
      let more = rest > 0 ? ["  and \(Format.count(rest)) more"] : []
      let lines =
        [
          "The audit is whole (\(whole)), but \(named(verdict.mismatches.count, "thing")) "
            + "\(verdict.mismatches.count == 1 ? "was" : "were") changed past it:"
        ] + told + more
      return lines.joined(separator: "\n")
    }
    if verdict.records == 0 { return "The audit is whole: no record yet." }
    return """
      The audit is whole: \(whole), each sealed with the one before it.
      newest \(verdict.records):\(hexadecimal(verdict.seal))
      Keep that line elsewhere; 'moonwatch audit verify --expect \(verdict.records):\(hexadecimal(verdict.seal.prefix(8)))' then also notices
      a chain that was made anew as a whole.
      """
  }
}
