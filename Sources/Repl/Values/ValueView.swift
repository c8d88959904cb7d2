import Cases
import Console
import Detection
import Primitives
import Scripting

/// A value as what it is: an alert as its card, a list as a table, a series as a sparkline.
///
/// Everything that came from outside is made safe here.
struct ValueView {
  var terminal: Terminal
  var owners: () -> Owners

  private var paint: Paint { Paint(terminal) }
  private var width: Int { terminal.width ?? 100 }

  /// Lines that end in a newline; empty for nothing.
  func text(_ value: ScriptValue) -> String {
    switch value {
    case .nil: ""
    case .text(let text): lines(of: text)
    case .table(let table): self.table(table)
    default: safe(value.words) + "\n"
    }
  }

  private func lines(of text: String) -> String { ValueView.safeLines(text) + "\n" }

  /// A text whose own line ends are kept and nothing else that moves the cursor.
  static func safeLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { safe(String($0)) }
      .joined(separator: "\n")
  }

  private func table(_ table: ScriptTable) -> String {
    switch table[ReplPrelude.tag].text {
    case "alert": return card(table)
    case "story": return coloured(lines(of: table["text"].text ?? ""), table["severity"].text)
    case "text":
      var text = lines(of: (table[Verb.textKey].text ?? table["text"].text) ?? "")
      while text.hasSuffix("\n\n") { text.removeLast() }
      return text
    case "series": return series(table)
    case "entity": return profile(table)
    case "rule": return fields(table)
    case "event":
      let known = EventTable.own
      let own = known.compactMap { name in table.members.first { $0.name == name } }
      return fields(
        ScriptTable(named: own + table.members.filter { !known.contains($0.name) }))
    default: break
    }
    if table.list.isEmpty {
      return table.members.isEmpty ? "nothing\n" : fields(table)
    }
    return list(table) + (table.members.isEmpty ? "" : fields(table))
  }

  private func coloured(_ text: String, _ severity: String?) -> String {
    AlertPaint.coloured(text, severity: severity.flatMap { Severity($0) } ?? .low, paint: paint)
  }

  // MARK: Lists

  private func list(_ table: ScriptTable) -> String {
    let rows = table.list.compactMap(\.table)
    var text: String
    if rows.count < table.list.count {
      text = table.list.enumerated().map { index, value in
        truncated("\(index + 1)  \(safe(value.words))", to: width) + "\n"
      }.joined()
    } else {
      let tags = Set(rows.map { $0[ReplPrelude.tag].text ?? "" })
      switch tags.count == 1 ? tags.first : nil {
      case "alert": text = alerts(rows)
      case "count": text = bars(rows)
      case "rule": text = rules(rows)
      default: text = anything(rows)
      }
    }
    let left = table.length - table.list.count
    if left > 0 {
      text +=
        "… and \(Format.count(left)) more: narrow it down, or write it to a file with > rows.csv\n"
    }
    if let more = rows.last?[Verb.moreKey].integer, more > 0 {
      text +=
        "… and \(Format.count(Int(more))) more: give limit, or write all to a file with > rows.csv\n"
    }
    if let advice = rows.last?[Verb.cutKey].text { text += "… there are more: \(safe(advice))\n" }
    return text
  }

  private func alerts(_ rows: [ScriptTable]) -> String {
    var listing = Listing([
      .init("id", "Alert", importance: 9), .init("time", "Time", importance: 7),
      .init("severity", "Severity", importance: 9), .init("entity", "Of", importance: 8),
      .init("title", "What", importance: 6), .init("rule", "Rule", importance: 5),
      .init("cost", "Cost", .trailing, importance: 3),
      .init("status", "Status", importance: 2), .init("message", "Message", importance: 4),
    ])
    for row in rows {
      let entity = row["entity"].text.map { "\(row["field"].text ?? "")=\($0)" }
      let severity = row["severity"].text ?? ""
      listing.append(
        [
          .text(String((row["id"].text ?? "").prefix(10))), .text(row["time"].words),
          .text(severity), entity.map(JSONValue.text) ?? .null, .text(row["title"].words),
          .text(row["rule"].text ?? "model"), .null, .text(fate(row)),
          .text(row["message"].words),
        ],
        shown: [
          "severity": .init(severity, Severity(severity).flatMap { AlertPaint.style(of: $0) }),
          "time": .init(String(row["time"].words.prefix(19))),
          "cost": .init(row["cost"].number.map { Format.money($0) } ?? Format.missing),
        ])
    }
    return rendered(listing)
  }

  private func rules(_ rows: [ScriptTable]) -> String {
    var listing = Listing([
      .init("rule", "Rule", importance: 9), .init("severity", "Severity", importance: 8),
      .init("title", "Title", importance: 7), .init("kinds", "Events", importance: 5),
      .init("set_aside", "Set aside", importance: 6), .init("file", "File", importance: 2),
    ])
    for row in rows {
      listing.append(
        ["rule", "severity", "title", "kinds", "set_aside", "file"].map {
          row[$0].isNil ? .null : .text(row[$0].words)
        })
    }
    return rendered(listing)
  }

  /// `open`, or what somebody does with an open alert.
  private func fate(_ row: ScriptTable) -> String {
    let state = row["state"].text ?? "new"
    return ["acknowledged", "in-progress"].contains(state)
      ? state.replacing("-", with: " ") : row["status"].words
  }

  /// Rows of any keys: those of the first rows, in the order that SQL gave or by name.
  private func anything(_ rows: [ScriptTable]) -> String {
    var keys = rows.first?[Verb.columnsKey].table?.list.compactMap(\.text) ?? []
    if rows.first?[ReplPrelude.tag].text == "change" { keys = Verb.changeColumns }
    if rows.first?[ReplPrelude.tag].text == "event" { keys = EventTable.own }
    if keys.isEmpty || rows.first?[ReplPrelude.tag].text == "event" {
      for row in rows.prefix(200) {
        for member in row.members where !keys.contains(member.name) { keys.append(member.name) }
      }
    }
    guard !keys.isEmpty else {
      return rows.map { truncated(safe(ScriptValue.table($0).words), to: width) + "\n" }.joined()
    }
    keys = Array(keys.prefix(30))
    let numeric = Set(
      keys.filter { key in rows.allSatisfy { $0[key].isNil || $0[key].number != nil } })
    var listing = Listing(
      keys.enumerated().map { index, key in
        .init(
          key, key, numeric.contains(key) ? .trailing : .leading,
          importance: max(1, 9 - index))
      })
    for row in rows {
      listing.append(
        keys.map { _ in JSONValue.null },
        shown: Dictionary(
          keys.map { ($0, TextTable.Cell(row[$0].words)) }, uniquingKeysWith: { first, _ in first })
      )
    }
    return rendered(listing)
  }

  private func rendered(_ listing: Listing) -> String {
    listing.rendered(.text, name: "rows", empty: "nothing", terminal: terminal)
  }

  /// Counts with a bar beside each: the histogram of a distribution.
  private func bars(_ rows: [ScriptTable]) -> String {
    var (key, unit) = ("alerts", rows.first?["unit"].text.map(safe) ?? "alerts")
    for other in ["number", "numbers"] where rows.contains(where: { !$0[other].isNil }) {
      key = other
      if other == "numbers" { unit = other }
    }
    let amounts = rows.map { $0[key].number ?? 0 }
    let most = max(amounts.max() ?? 1, amounts.contains { $0 > 0 } ? 0 : 1)
    let names = rows.map { safe($0["value"].words) }
    let title = safe(rows.first?["by"].words ?? "")
    let nameWidth = min(
      max(8, width / 2), max(displayWidth(title), names.map { displayWidth($0) }.max() ?? 0))
    let counts = amounts.map { Format.number($0) }
    let countWidth = max(unit.count, counts.map(\.count).max() ?? 0)
    let barWidth = max(4, min(40, width - nameWidth - countWidth - 4))
    func padded(_ text: String, _ size: Int) -> String {
      text + String(repeating: " ", count: max(0, size - displayWidth(text)))
    }
    func trailing(_ text: String, _ size: Int) -> String {
      String(repeating: " ", count: max(0, size - text.count)) + text
    }
    var text = paint("\(padded(title, nameWidth))  \(trailing(unit, countWidth))", .bold) + "\n"
    for (index, name) in names.enumerated() {
      let bar = Sparkline.bar(amounts[index] / most, width: barWidth)
      text +=
        "\(padded(truncated(name, to: nameWidth), nameWidth))  \(trailing(counts[index], countWidth))"
        + (bar.isEmpty ? "" : "  " + paint(bar, .cyan)) + "\n"
    }
    if let more = rows.last?["more"].integer, more > 0 {
      text += "… and \(Format.count(more)) more: give top, such as top = 100\n"
    }
    return text
  }

  // MARK: Single things

  private func card(_ row: ScriptTable) -> String {
    let severity = row["severity"].text ?? ""
    var head = "\(row["title"].words): \(row["message"].words)."
    if head.hasSuffix("..") { head.removeLast() }
    var facts: [String] = []
    if let risk = row["risk"].text {
      facts.append("Risk \(risk.uppercased())")
    } else {
      facts.append("Severity \(severity.uppercased()), no mapping")
    }
    if let cost = row["cost"].number { facts.append("est. cost \(Format.money(cost))") }
    if let sla = row["sla"].duration { facts.append("SLA \(Format.span(sla))") }
    if let owner = row["owner"].text { facts.append(owners().name(of: owner)) }
    var lines = [safe(head), safe(facts.joined(separator: " · "))]
    if let action = row["action"].text { lines.append("Do: \(safe(action))") }
    for reason in row["reasons"].table?.list ?? [] {
      lines.append("  · \(safe(reason.table?["text"].words ?? ""))")
    }
    let place = [
      row["time"].words, "event \(row["event"].words) of \(row["source"].words)",
      "rule \(row["rule"].text ?? "none: the model's")",
    ]
    lines.append(paint(safe(place.joined(separator: " · ")), .dim))
    var fate = "alert \(row["id"].words) · \(fate(row))"
    if let assignee = row["assignee"].text { fate += ", \(assignee)'s" }
    if let disposition = row["disposition"].text { fate += " as \(disposition)" }
    if let note = row["note"].text, !note.isEmpty { fate += ": \(note)" }
    if let joined = row["joined"].integer, joined > 0 {
      fate += " · \(Format.count(joined)) more finding\(joined == 1 ? "" : "s") joined it"
    }
    lines.append(paint(safe(fate), .dim))
    return coloured(lines.joined(separator: "\n"), severity) + "\n"
  }

  private func series(_ table: ScriptTable) -> String {
    let points = table["points"].table?.list.compactMap(\.table) ?? []
    let all = points.compactMap { point in point["value"].number.map { (point["time"].time, $0) } }
    let title = safe(table["title"].words)
    guard let first = all.first, let last = all.last,
      let least = all.min(by: { $0.1 < $1.1 }), let most = all.max(by: { $0.1 < $1.1 })
    else { return "\(title.isEmpty ? "" : title + ": ")nothing\n" }
    func time(_ time: Timestamp?) -> String {
      time.map { ScriptValue.time($0).words }.map { text in
        text.hasSuffix(" 00:00:00") ? String(text.prefix(10)) : String(text.prefix(16))
      } ?? ""
    }
    var text = ""
    if !title.isEmpty || first.0 != nil {
      text += paint(title, .bold)
      if first.0 != nil { text += "  \(time(first.0)) – \(time(last.0))" }
      text += "\n"
    }
    text += paint(Sparkline.line(all.map(\.1), width: min(width, 120)), .cyan) + "\n"
    func at(_ point: (Timestamp?, Double)) -> String {
      Format.number(point.1) + (point.0 == nil ? "" : " (\(time(point.0)))")
    }
    text += "least \(at(least)), most \(at(most)), last \(Format.number(last.1))"
    let left = (table["points"].table?.length ?? 0) - points.count
    return text + (left > 0 ? ", \(Format.count(left)) more not shown" : "") + "\n"
  }

  private func profile(_ table: ScriptTable) -> String {
    var text =
      paint("\(safe(table["field"].words)) \(safe(table["entity"].words))", .bold)
      + "  \(alerts(table["alerts"])), \(table["open"].words) open, worst \(table["worst"].words)\n"
    if let named = table["named_in"].integer, let about = table["alerts"].integer, named > about {
      text +=
        "\(Format.count(named - about)) more name it: alerts{names = \"\(safe(table["field"].words))=\(safe(table["entity"].words))\"}\n"
    }
    if table["first"].time != nil {
      text +=
        "from \(String(table["first"].words.prefix(16))) to \(String(table["last"].words.prefix(16)))\n"
    }
    text += deeds(table) + "\n"
    if let rules = table["rules"].table { text += list(rules) + "\n" }
    if let recent = table["recent"].table { text += list(recent) }
    return text
  }

  /// `83 events: 60 transaction, 23 login`, and at which hours.
  private func deeds(_ table: ScriptTable) -> String {
    guard let events = table["events"].integer, let kinds = table["kinds"].table else { return "" }
    let named = kinds.list.prefix(6).compactMap(\.table).map {
      "\(Format.count($0["events"].integer ?? 0)) \(safe($0["value"].words))"
    }
    let hours = (table["hours"].table?.list ?? []).map { $0.number ?? 0 }
    let left = kinds.list.count > 6 ? " and others" : ""
    return "\(Format.count(events)) kept event\(events == 1 ? "" : "s"): "
      + "\(named.joined(separator: ", "))\(left)\nby hour, 0 to 23 UTC  "
      + paint(Sparkline.line(hours, width: 24), .cyan) + "\n"
  }

  private func alerts(_ count: ScriptValue) -> String {
    "\(count.words) alert\(count.integer == 1 ? "" : "s")"
  }

  private func fields(_ table: ScriptTable) -> String {
    let members = table.members
    let size = members.map { displayWidth(safe($0.name)) }.max() ?? 0
    var text = ""
    for (name, value) in members {
      let name = safe(name)
      let pad = String(repeating: " ", count: size - displayWidth(name))
      let room = max(10, width - size - 2)
      text += "\(paint(name, .bold))\(pad)  \(truncated(safe(value.words), to: room))\n"
    }
    if let left = table[ReplPrelude.leftOut].integer {
      text += "… and \(Format.count(left)) more\n"
    }
    return text
  }
}
