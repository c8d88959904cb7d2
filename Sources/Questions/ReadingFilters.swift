/// What was placed word by word, as filters of one query.
extension QuestionReading {
  /// What was placed word by word, as filters of the query.
  mutating func rejoin() {
    // "severity high", "of rules a.b and c.d": the key's name beside its value.
    for place in nouns.indices {
      guard case .key(let name) = nouns[place].what else { continue }
      let next = skipSmall(from: nouns[place].at.upperBound)
      for one in placed
      where one.at.lowerBound == next || one.at.lowerBound == nouns[place].at.upperBound {
        if one.filter.key.name == name { nouns[place].isTaken = true }
      }
    }
    for one in placed {
      if let group = one.group {
        let mates = placed.filter { $0.group == group }.map(\.filter)
        if placed.first(where: { $0.group == group })?.at == one.at { query.any.append(mates) }
        continue
      }
      add(one.filter, at: one.at)
    }
    if query.any.count > 1 {
      conflict = "I can look for one list of alternatives at a time: ask for each"
    }
  }

  mutating func add(_ filter: Query.Filter, at: Range<Int>) {
    guard
      let known = query.filters.firstIndex(where: {
        $0.key == filter.key && $0.isNot == filter.isNot
      })
    else {
      // "critical or high or worse": at least the lower.
      let other: Query.Key? =
        filter.key == .severity ? .level : filter.key == .level ? .severity : nil
      if let other, !filter.isNot,
        let one = query.filters.first(where: { $0.key == other && !$0.isNot })
      {
        guard word(at.lowerBound - 1) == "or" || word(at.upperBound) == "or" else {
          conflict = "two severities are named: ask for one, or for one or the other"
          return
        }
        query.set(.severity, [lower(one.values[0], filter.values[0])])
        return query.remove(.level)
      }
      return query.filters.append(filter)
    }
    let value = filter.values[0]
    if query.filters[known].values.contains(value) { return }
    switch filter.key {
    case .rule:
      // A family says less than a rule of its own that is named beside it, but for "or".
      let others = query.filters[known].values
      if word(at.lowerBound - 1) != "or", word(at.upperBound) != "or" {
        if value.hasSuffix("*"), others.contains(where: { $0.hasPrefix(value.dropLast()) }) {
          return
        }
        if !filter.isNot,
          value.hasSuffix("*")
            || others.contains(where: { $0.hasSuffix("*") && !value.hasPrefix($0.dropLast()) }),
          word(at.lowerBound - 1) != "and", word(at.upperBound) != "and"
        {
          conflict =
            "'\(others[0])' and '\(value)' are named, and no alert is of both: ask for one of them, or for one or the other"
          return
        }
        query.filters[known].values.removeAll {
          $0.hasSuffix("*") && value.hasPrefix($0.dropLast())
        }
      }
      query.filters[known].values.append(value)
    case .severity: query.filters[known].values = [lower(query.filters[known].values[0], value)]
    case .level, .category, .owner, .source, .entity, .state, .kind, .value:
      query.filters[known].values.append(value)
    case .finder, .names, .field, .status, .assignee, .disposition, .text:
      conflict =
        "two of '\(value)' and '\(query.filters[known].values[0])' are named, and I look for one at a time: ask for each"
    }
  }

  func lower(_ a: String, _ b: String) -> String {
    let ranks = ["info", "low", "medium", "high", "critical"]
    return (ranks.firstIndex(of: a) ?? 0) < (ranks.firstIndex(of: b) ?? 0) ? a : b
  }
}
