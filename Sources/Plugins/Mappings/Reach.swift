import Detection

/// Tells which of some rows in a list can never be chosen, where the first that matches is.
struct Reach {
  struct Row {
    let name: String
    let when: [Predicate]
  }

  /// Why a row is never chosen, and what to do.
  struct Dead {
    let reason: String
    let advice: String
  }

  /// What holds of everything that is looked at.
  let always: [Predicate]
  /// The rows that came before, those alone whose conditions are known whole.
  private(set) var earlier: [Row] = []

  init(always: [Predicate]) { self.always = always }

  /// Why a row is never chosen; nothing where it may be. From now on it is one of the earlier ones.
  mutating func next(_ row: Row) -> Dead? {
    defer { earlier.append(row) }
    if let name = contradiction(row) {
      return Dead(
        reason: "what passes 'on' never passes its \(quoted(name))",
        advice: "change its conditions, or leave it out")
    }
    let shadows = shadows(of: row.when).map(quoted).joined(separator: " and ")
    if shadows.isEmpty { return nil }
    return Dead(
      reason: "all that it matches goes to \(shadows)",
      advice: "put it before \(shadows) or change its conditions")
  }

  /// Whether something passes none of the rows.
  var hasGap: Bool { shadows(of: []).isEmpty }

  private func contradiction(_ row: Row) -> String? {
    row.when.first { condition in
      always.contains { $0.name == condition.name && $0.test.excludes(condition.test) }
    }?.name
  }

  /// The rows that take all that passes some conditions: one, or several that differ in one name.
  private func shadows(of when: [Predicate]) -> [String] {
    let all = always + when
    if let one = earlier.first(where: { all.imply($0.when) }) { return [one.name] }
    let own = Dictionary(grouping: all, by: \.name)
    for name in Set(earlier.flatMap { $0.when.map(\.name) }).sorted() {
      let parts = earlier.compactMap { row -> (row: String, test: Test)? in
        guard let part = row.when.first(where: { $0.name == name }),
          all.imply(row.when.filter { $0.name != name })
        else { return nil }
        return (row.name, part.test)
      }
      if Test.cover(parts.map(\.test), own[name, default: []].map(\.test)) {
        return parts.map(\.row)
      }
    }
    return []
  }
}
