import Detection
import Primitives
import Yams

/// One feature with a name of its own in a feature set file: `{ name: bad_7d, label_rate: { per: terminal, … } }`.
///
/// The words are those of rules in Lua: `count distinct sum mean std min max first last rate since ewma z_score
/// ratio_to_mean ratio_to_last percent_change delta hour_rarity new daily_count daily_sum history label_rate since_label
/// seasonal_z`, and `ratio` and `difference` of two features by their names.
struct FeatureItem {
  private static let words: [String: [String]] = [
    "count": ["within", "where"], "rate": ["within"], "since": ["where"], "history": [],
    "distinct": ["of", "within", "where"], "new": ["of"], "hour_rarity": [], "daily_count": [],
    "daily_sum": ["of"], "ewma": ["of", "half_life"], "z_score": ["of", "within"],
    "ratio_to_mean": ["of", "within"], "ratio_to_last": ["of"],
    "percent_change": ["of", "within"], "delta": ["of", "order"],
    "label_rate": ["within", "known_after"], "since_label": ["known_after"],
    "seasonal_z": ["of", "within"],
  ]

  /// - Parameter known: the features that stand before it, and the standard ones, by name.
  static func read(
    _ node: Node, known features: [String: FeatureDefinition]
  ) throws(Failure) -> NamedFeature {
    guard let mapping = node.mapping, let name = mapping["name"]?.string, !name.isEmpty else {
      throw Failure(.usage, "a feature has no name", advice: "write name: and a word for it")
    }
    let others = mapping.keys.compactMap(\.string).filter { $0 != "name" }
    let known =
      words.keys + FeatureDefinition.Aggregate.allCases.map(\.rawValue) + ["ratio", "difference"]
    guard others.count == 1, let word = others.first else {
      throw Failure(
        .usage, "the feature '\(name)' has \(others.count) definitions",
        advice: "give one, such as count: { within: 1 hour }")
    }
    guard known.contains(word) else {
      throw Failure(
        .usage, "the feature '\(name)' is a '\(word)', which is no word for a feature",
        advice: nearestName(to: word, among: known).map { "did you mean '\($0)'?" }
          ?? "known: \(known.sorted().joined(separator: ", "))")
    }
    let body = mapping[Node(word)]
    if word == "ratio" || word == "difference" {
      let (first, second) = try pair(name, word, body, features)
      return NamedFeature(name, word == "ratio" ? .ratio(first, second) : .minus(first, second))
    }
    let item = FeatureItem(name: name, word: word, values: body?.mapping ?? Node.Mapping([]))
    let isEmpty = body?.string.map { $0.isEmpty || $0 == "~" || $0 == "null" } ?? false
    guard body?.mapping != nil || isEmpty else {
      throw Failure(
        .usage, "'\(word)' of the feature '\(name)' needs its values in braces",
        advice: "such as count: { within: 1 hour }")
    }
    return NamedFeature(name, try item.definition())
  }

  private static func pair(
    _ name: String, _ word: String, _ body: Node?, _ known: [String: FeatureDefinition]
  ) throws(Failure) -> (FeatureDefinition, FeatureDefinition) {
    let names = body?.sequence?.compactMap(\.string) ?? []
    guard names.count == 2, body?.sequence?.count == 2 else {
      throw Failure(
        .usage, "'\(word)' of the feature '\(name)' needs the names of two features",
        advice: "such as \(word): [event_count_1h, event_count_24h]")
    }
    var parts: [FeatureDefinition] = []
    for part in names {
      guard let definition = known[part] else {
        throw Failure(
          .usage,
          "'\(word)' of the feature '\(name)' names '\(part)', which is no feature above it",
          advice: nearestName(to: part, among: known.keys).map { "did you mean '\($0)'?" })
      }
      parts.append(definition)
    }
    return (parts[0], parts[1])
  }

  private let name: String
  private let word: String
  private let values: Node.Mapping

  private func definition() throws(Failure) -> FeatureDefinition {
    let allowed =
      (FeatureItem.words[word] ?? ["of", "within", "where"]) + ["per"]
    for key in values.keys.compactMap(\.string) where !allowed.contains(key) {
      throw Failure(
        .usage, "'\(word)' of the feature '\(name)' takes no '\(key)'",
        advice: "it takes \(allowed.joined(separator: ", "))")
    }
    let scope = try scope()
    switch word {
    case "count": return .count(scope, within: try span("within"), where: try filter())
    case "rate": return .rate(scope, within: try span("within"))
    case "since": return .sinceLast(scope, where: try filter())
    case "history": return .history(scope)
    case "distinct":
      return .distinct(
        scope, of: try needed("of"), within: try span("within"), where: try filter())
    case "new": return .isNew(scope, of: try needed("of"))
    case "hour_rarity": return .hourRarity(scope)
    case "daily_count": return .dailyCount(scope)
    case "daily_sum": return .dailySum(scope, of: text("of"))
    case "ewma": return .ewma(scope, of: text("of"), halfLife: try span("half_life"))
    case "z_score": return .zScore(scope, of: text("of"), within: try span("within"))
    case "ratio_to_mean": return .ratioToMean(scope, of: text("of"), within: try span("within"))
    case "ratio_to_last": return .ratioToLast(scope, of: text("of"))
    case "percent_change": return .percentChange(scope, of: text("of"), within: try span("within"))
    case "delta": return .difference(scope, of: text("of"), order: try order())
    case "label_rate":
      return .labelRate(scope, within: try span("within"), knownAfter: try span("known_after"))
    case "seasonal_z": return .seasonal(scope, of: text("of"), within: try span("within"))
    case "since_label": return .sinceLabel(scope, knownAfter: try span("known_after"))
    default:
      guard let aggregate = FeatureDefinition.Aggregate(rawValue: word) else {
        preconditionFailure("every word for a feature that is not listed is an aggregate")
      }
      return .aggregate(
        aggregate, scope, of: text("of"), within: try span("within"), where: try filter())
    }
  }

  private func text(_ key: String) -> String? { values[Node(key)]?.string }

  private func needed(_ key: String) throws(Failure) -> String {
    if let text = text(key), !text.isEmpty { return text }
    throw Failure(
      .usage, "'\(word)' of the feature '\(name)' needs '\(key)'",
      advice: "name a field of the events")
  }

  private func scope() throws(Failure) -> EntityScope {
    guard let node = values["per"] else { return .primary }
    if let names = node.sequence?.compactMap(\.string), names.count == 2, names[0] != names[1] {
      return .pair(names[0], names[1])
    }
    guard let field = node.string, !field.isEmpty else {
      throw Failure(
        .usage, "'per' of the feature '\(name)' is not the name of a field, or of two",
        advice: "such as per: terminal, or per: [card, terminal]")
    }
    return .field(field)
  }

  private func span(_ key: String) throws(Failure) -> TimeSpan {
    let words = text(key) ?? ""
    if let span = TimeSpan(words: words) { return span }
    throw Failure(
      .usage,
      words.isEmpty
        ? "'\(word)' of the feature '\(name)' needs '\(key)'"
        : "'\(key)' of the feature '\(name)' is '\(words)'",
      advice: "give a duration such as '90 seconds' or '7 days'")
  }

  private func order() throws(Failure) -> Int {
    guard let words = text("order") else { return 1 }
    if let order = Int(words), order == 1 || order == 2 { return order }
    throw Failure(.usage, "'order' of the feature '\(name)' is '\(words)'", advice: "give 1 or 2")
  }

  /// `where: { kind: login, outcome: failure }`: all of them equal.
  private func filter() throws(Failure) -> [Predicate] {
    guard let node = values["where"] else { return [] }
    guard let wanted = node.mapping else {
      throw Failure(
        .usage, "'where' of the feature '\(name)' is no list of fields and values",
        advice: "such as where: { outcome: failure }")
    }
    return wanted.map { key, value in
      let text = value.string ?? ""
      let isPlain = value.scalar?.style == .plain
      let number = isPlain ? Double(text) : nil
      let flag: Bool? = isPlain && (text == "true" || text == "false") ? text == "true" : nil
      return Predicate(
        key.string ?? "",
        .equals(number.map { .number($0) } ?? flag.map { .flag($0) } ?? .text(text)))
    }
  }
}
