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

  func mapping() -> Mapping? {
    reader.allow(["id", "on", "rows", "severity", "response"])
    let id = reader.identifier()
    let on = conditions("on", reader)
    let before = reader.file.errors
    let severities = choices(
      "severity", on, example: "{ \"high\", when = { score = at_least(0.7) } }"
    ) {
      Severity($0) == nil ? didYouMean($0, among: Severity.allCases.map(\.word)) : nil
    }
    let responses = choices("response", on, example: "{ \"immediate_block\", when = { … } }") {
      isFieldName($0) ? nil : " (lower case words joined by _)"
    }
    let rows = rows(on, isOptional: !severities.isEmpty || !responses.isEmpty)
    guard let id, let rows, reader.file.errors == before else { return nil }
    return Mapping(id: id, on: on.tests, rows: rows, severities: severities, responses: responses)
  }

  /// Conditions, and whether all that were written could be read: only then is it known what passes them.
  private struct Conditions {
    let tests: [Predicate]
    let isWhole: Bool
  }

  private func conditions(_ key: String, _ inner: TableReader) -> Conditions {
    let before = inner.file.errors
    let tests = PredicateReader(inner, scope: .finding).predicates(key)
    return Conditions(tests: tests, isWhole: inner.file.errors == before)
  }

  /// - Parameter isOptional: whether a mapping without rows says something all the same.
  private func rows(_ on: Conditions, isOptional: Bool) -> [MappingRow]? {
    if isOptional && reader.table["rows"].isNil { return [] }
    guard
      let list = reader.inner("rows", wanted: "a list of rows", example: "{ { id = \"…\", … } }")
    else { return nil }
    list.allow([], items: .max)
    if list.table.list.isEmpty {
      reader.report("no-default-row", at: .name("rows"), "no rows", suggestion: "add a default row")
    }
    var rows: [MappingRow] = []
    var reach = Reach(always: on.tests)
    var ids: Set<String> = []
    for (index, value) in list.table.list.enumerated() {
      guard let table = value.table, Declared.word(value) == nil else {
        list.wrongType(.index(index + 1), value, wanted: "a row, which is a table")
        continue
      }
      let inner = list.below(.index(index + 1), table)
      let when = conditions("when", inner)
      if let row = row(inner, when.tests) { rows.append(row) }
      let id = table["id"].text
      if let id, !ids.insert(id).inserted {
        list.report(
          "taken-id", at: .index(index + 1), "an earlier row has the id \(quoted(id)) too")
      }
      let name = id ?? "\(index + 1)"
      guard when.isWhole, on.isWhole, let dead = reach.next(.init(name: name, when: when.tests))
      else { continue }
      list.report(
        "shadowed-row", at: .index(index + 1),
        "row \(quoted(name)) can never be chosen: \(dead.reason)",
        suggestion: dead.advice)
    }
    // A row whose conditions have a mistake may be meant to close the gap.
    let isWhole = reach.earlier.count == list.table.list.count
    if !list.table.list.isEmpty, isWhole, on.isWhole, reach.hasGap {
      list.report(
        "no-default-row", at: .index(list.table.list.count),
        "no default row: a finding that passes none of them has no meaning",
        suggestion: "end with a row without 'when'")
    }
    return rows.count == list.table.list.count ? rows : nil
  }

  /// Words with conditions: `{ "high", when = { … } }`; the first that matches is chosen.
  ///
  /// - Parameter trouble: what is wrong with a word; missing where nothing is.
  private func choices(
    _ key: String, _ on: Conditions, example: String, trouble: (String) -> String?
  ) -> [Mapping.Choice] {
    guard let list = reader.inner(key, wanted: "a list such as { \(example) }") else { return [] }
    list.allow([], items: .max)
    var choices: [Mapping.Choice] = []
    var reach = Reach(always: on.tests)
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
      let when = conditions("when", inner)
      choices.append(Mapping.Choice(word, when: when.tests))
      guard when.isWhole, on.isWhole, let dead = reach.next(.init(name: word, when: when.tests))
      else { continue }
      list.report(
        "shadowed-row", at: .index(index + 1),
        "\(quoted(word)) can never be chosen here: \(dead.reason)",
        suggestion: dead.advice)
    }
    return choices
  }

  private func row(_ inner: TableReader, _ when: [Predicate]) -> MappingRow? {
    inner.allow(MappingReader.rowKeys)
    let id = inner.identifier()
    let before = inner.file.errors
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
    if let owner, let known = inner.file.vocabulary.owners, !known.contains(owner) {
      inner.report(
        "unknown-owner", at: .name("owner"),
        "unknown owner \(quoted(owner))\(didYouMean(owner, among: known))")
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
}
