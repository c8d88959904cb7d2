import Cases
import Detection
import Primitives
import Scripting

/// Reads a `mapping { … }` and checks that every row can be reached.
struct MappingReader {
  private static let rowKeys = [
    "id", "when", "category", "risk", "cost_usd", "per", "action", "compliance", "owner", "sla",
    "title", "dedup",
  ]

  let reader: TableReader
  /// Names of the features of any rule.
  let ruleFeatures: Set<String>

  func mapping() -> Mapping? {
    reader.allow(["id", "on", "rows", "severity", "response"])
    let id = reader.identifier()
    let on = PredicateReader(reader, scope: .finding(features: ruleFeatures)).predicates("on")
    let before = reader.file.errors
    let severities = choices("severity", example: "{ \"high\", when = { score = at_least(0.7) } }")
    {
      Severity($0) == nil ? didYouMean($0, among: Severity.allCases.map(\.word)) : nil
    }
    let responses = choices("response", example: "{ \"immediate_block\", when = { … } }") {
      isFieldName($0) ? nil : " (lower case words joined by _)"
    }
    let rows = rows(isOptional: !severities.isEmpty || !responses.isEmpty)
    guard let id, let rows, reader.file.errors == before else { return nil }
    return Mapping(id: id, on: on, rows: rows, severities: severities, responses: responses)
  }

  /// - Parameter isOptional: whether a mapping without rows says something all the same.
  private func rows(isOptional: Bool) -> [MappingRow]? {
    if isOptional && reader.table["rows"].isNil { return [] }
    guard
      let list = reader.inner("rows", wanted: "a list of rows", example: "{ { id = \"…\", … } }")
    else { return nil }
    list.allow([], items: .max)
    var rows: [MappingRow] = []
    var complete = true
    for (index, value) in list.table.list.enumerated() {
      guard let table = value.table, Declared.word(value) == nil else {
        list.wrongType(.index(index + 1), value, wanted: "a row, which is a table")
        complete = false
        continue
      }
      let inner = list.below(.index(index + 1), table)
      if let row = row(inner) { rows.append(row) } else { complete = false }
    }
    if complete { checkReach(rows, list) }
    return complete ? rows : nil
  }

  /// Words with conditions: `{ "high", when = { … } }`; the first that matches is chosen.
  ///
  /// - Parameter trouble: what is wrong with a word; missing where nothing is.
  private func choices(
    _ key: String, example: String, trouble: (String) -> String?
  ) -> [Mapping.Choice] {
    guard let list = reader.inner(key, wanted: "a list such as { \(example) }") else { return [] }
    list.allow([], items: .max)
    var choices: [Mapping.Choice] = []
    for (index, value) in list.table.list.enumerated() {
      guard let table = value.table, Declared.word(value) == nil else {
        list.wrongType(.index(index + 1), value, wanted: "a table such as \(example)")
        continue
      }
      let inner = list.below(.index(index + 1), table)
      inner.allow(["when"], items: 1)
      guard let word = table.list.first?.text else {
        inner.report(
          "missing-key", "it begins with no word", suggestion: "write \(example)")
        continue
      }
      if let trouble = trouble(word) {
        inner.report("bad-\(key)", at: .index(1), "unknown \(key) \(quoted(word))\(trouble)")
        continue
      }
      let choice = Mapping.Choice(
        word,
        when: PredicateReader(inner, scope: .finding(features: ruleFeatures)).predicates("when"))
      if let shadow = choices.first(where: { choice.when.imply($0.when) }) {
        list.report(
          "shadowed-row", at: .index(index + 1),
          "\(quoted(word)) can never be chosen here: all that it matches goes to \(quoted(shadow.word))",
          suggestion: "put it before \(quoted(shadow.word)) or change its conditions")
      }
      choices.append(choice)
    }
    return choices
  }

  private func row(_ inner: TableReader) -> MappingRow? {
    inner.allow(MappingReader.rowKeys)
    let id = inner.identifier()
    let before = inner.file.errors
    let when = PredicateReader(inner, scope: .finding(features: ruleFeatures)).predicates("when")
    let category = inner.text("category", example: "\"Security - Access\"")
    let risk = inner.word("risk", of: Risk.allCases.map(\.rawValue), example: "\"medium\"")
    let cost = inner.number("cost_usd", example: "0")
    if let cost, cost < 0 {
      inner.report("bad-cost", at: .name("cost_usd"), "'cost_usd' must not be below 0")
    }
    let per = inner.word("per", of: CostUnit.allCases.map(\.rawValue))
    let action = inner.text("action", example: "\"What to do, in words\"")
    let compliance = inner.texts("compliance")
    let owner = inner.text("owner", example: "\"security_team\"")
    if let owner, !inner.file.vocabulary.owners.contains(owner) {
      inner.report(
        "unknown-owner", at: .name("owner"),
        "unknown owner \(quoted(owner))"
          + didYouMean(owner, among: inner.file.vocabulary.owners))
    }
    let sla = inner.span("sla")
    let title = inner.text("title")
    let dedup = inner.dedup()
    guard inner.file.errors == before, let id, let category, let cost, let action,
      let owner, let risk = risk.flatMap(Risk.init(rawValue:))
    else { return nil }
    return MappingRow(
      id: id, when: when, category: category, risk: risk, costUSD: cost,
      per: per.flatMap(CostUnit.init(rawValue:)) ?? .incident, action: action,
      compliance: compliance, owner: owner,
      slaSeconds: sla.map { Int($0.microseconds / 1_000_000) },
      title: title, dedup: dedup)
  }

  private func checkReach(_ rows: [MappingRow], _ list: TableReader) {
    if rows.isEmpty {
      reader.report("no-default-row", at: .name("rows"), "no rows", suggestion: "add a default row")
      return
    }
    for (index, row) in rows.enumerated() {
      let earlier = rows[..<index]
      if earlier.contains(where: { $0.id == row.id }) {
        list.report(
          "taken-id", at: .index(index + 1), "an earlier row has the id \(quoted(row.id)) too")
      }
      if let shadow = earlier.first(where: { row.when.imply($0.when) }) {
        list.report(
          "shadowed-row", at: .index(index + 1),
          "row \(quoted(row.id)) can never be chosen: all that it matches goes to \(quoted(shadow.id))",
          suggestion: "put it before \(quoted(shadow.id)) or change its conditions")
      }
    }
    if !rows.contains(where: { $0.when.isEmpty }) {
      list.report(
        "no-default-row", at: .index(rows.count),
        "no default row: a finding that passes none of them has no meaning",
        suggestion: "end with a row without 'when'")
    }
  }
}
