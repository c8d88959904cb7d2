import Primitives

/// The phrases of a question: what words stand for.
extension QuestionReading {
  mutating func readPhrases() -> String? {
    var index = 0
    while index < tokens.count {
      guard !tokens[index].isUsed else {
        index += 1
        continue
      }
      var length = min(words.longest, tokens.count - index)
      var meaning: Meaning?
      while length > 0 {
        let slice = tokens[index..<index + length]
        if !slice.contains(where: \.isUsed) {
          meaning = words.phrases[slice.map(\.word)]
          if meaning != nil { break }
        }
        length -= 1
      }
      guard let meaning else {
        index += 1
        continue
      }
      if case .cannot(let reason) = meaning { return reason }
      take(meaning, index..<index + length)
      index += max(1, length)
    }
    return nil
  }

  private mutating func take(_ meaning: Meaning, _ at: Range<Int>) {
    use(at)
    switch meaning {
    case .nothing, .cannot: break
    case .rule(let id): place(.rule, id, at)
    case .category(let name): place(.category, name, at)
    case .owner(let key): place(.owner, key, at)
    case .source(let id): place(.source, id, at)
    case .severity(let word):
      word.hasSuffix("+")
        ? place(.severity, String(word.dropLast()), at) : place(.level, word, at)
    case .status(let word): place(.status, word, at)
    case .state(let word): place(.state, word, at)
    case .assignee(let name): readAssignee(name, at)
    case .disposition(let word): place(.disposition, word, at)
    case .finder(let word): place(.finder, word, at)
    case .value(let field, let value): place(.value(field), value, at)
    case .hours(let from, let to):
      query.hours = [from, to]
      found += 1
    case .weekdays(let days):
      query.weekdays += days.filter { !query.weekdays.contains($0) }
      found += 1
    case .order(let word): query.order = word
    case .key(let word): nouns.append(Noun(what: .key(word), at: at))
    case .kind(let kind, let rules):
      nouns.append(Noun(what: .kind(kind, rules: rules), at: at))
    case .field(let field) where !schema.has(field):
      conflict = "no alert and no kept event has a '\(field)'"
    case .field(let field):
      if readEntity(of: field, at) { return }
      nouns.append(Noun(what: .field(field), at: at))
    case .amount(let word, let of): measures.append(Measure(word: word, of: of, at: at))
    case .intent(let word): takeIntent(word, at)
    }
  }

  mutating func place(_ key: Query.Key, _ value: String, _ at: Range<Int>) {
    placed.append(Placed(filter: .init(key: key, values: [value]), at: at))
    found += 1
  }

  /// "assigned to bob": the name stands behind.
  private mutating func readAssignee(_ name: String, _ at: Range<Int>) {
    if name == "nobody" { return place(.assignee, "", at) }
    // "assigned to Compliance": a team says it by itself.
    if case .owner? = words.phrases[[word(at.upperBound)]] { return }
    guard isFree(at.upperBound), words.phrases[[word(at.upperBound)]] == nil,
      !QuestionReading.small.contains(word(at.upperBound))
    else {
      for index in at { tokens[index].isUsed = false }
      return
    }
    place(.assignee, tokens[at.upperBound].raw, at.lowerBound..<at.upperBound + 1)
    use(at.upperBound..<at.upperBound + 1)
  }

  private mutating func takeIntent(_ word: String, _ at: Range<Int>) {
    switch word {
    case "which": asksWhich = asksWhich ?? at.lowerBound
    case "how-many": asksHowMany = at.lowerBound
    case "most": hasMost = true
    case "fewest": (hasMost, query.isFewest) = (true, true)
    case "alerts": nouns.append(Noun(what: .alerts, at: at))
    case "events": nouns.append(Noun(what: .events, at: at))
    case "trend":
      query.act = .timeline
      hasAct = true
      if query.by.isEmpty { query.by = ["day"] }
      if tokens.contains(where: { $0.word == "hourly" }) { query.by = ["hour"] }
    case "who" where ["by", "and", "or"].contains(self.word(at.lowerBound - 1)):
      for index in at { tokens[index].isUsed = false }
    case "who":
      // "who had most alerts", "who is ana"
      if ["is", "was"].contains(self.word(at.upperBound)), isName(at.upperBound + 1) {
        query.act = .entity
        hasAct = true
      } else {
        asksWhich = asksWhich ?? at.lowerBound
        nouns.append(Noun(what: .field("user"), at: at))
      }
    default:
      guard let act = Query.Act(rawValue: word) else { return }
      // "how many … per user", "why … alerts": the first that says more stays.
      if hasAct, act == .count || query.act == .whynot { return }
      query.act = act
      hasAct = true
    }
  }

  func isName(_ index: Int) -> Bool {
    guard tokens.indices.contains(index) else { return false }
    if ["the", "a", "an", "in", "at"].contains(word(index)) { return false }
    return index == tokens.count - 1 || looksLikeName(tokens[index].raw)
      || words.phrases[[word(index)]].map { if case .field = $0 { true } else { false } } ?? false
  }

  // MARK: Entities

  /// "user ana", "card 4711": a field with its value.
  private mutating func readEntity(of field: String, _ at: Range<Int>) -> Bool {
    var next = at.upperBound
    if ["=", "is", "named", "called", "number", "no", "id", ":"].contains(word(next)),
      isFree(next),
      word(next) != "is"
        || looksLikeName(tokens.indices.contains(next + 1) ? tokens[next + 1].raw : "")
    {
      next += 1
    }
    guard isFree(next) else { return false }
    let raw = tokens[next].raw
    let isPlural = tokens[at.upperBound - 1].word.hasSuffix("s") && word(at.lowerBound) != field
    let isKnown = words.phrases[[word(next)]] != nil
    if schema.isNumber(field) { return false }
    // A value of the field itself: "currency EUR", "channel is web".
    if word(next) == "is", case .value(let of, _)? = words.phrases[[word(next + 1)]], of == field {
      next += 1
    }
    if case .value(let of, let value)? = words.phrases[[word(next)]], of == field {
      place(.value(field), value, at.lowerBound..<next + 1)
      use(at.lowerBound..<next + 1)
      return true
    }
    let isCalled =
      if case .entity(let fields) = schema.knows(raw) { fields.contains(field) } else { false }
    guard
      looksLikeName(raw) || isCalled
        || !isKnown && !isPlural && !QuestionReading.joining.contains(word(next)),
      !QuestionReading.small.contains(word(next)), tokens[next].isMoney == false,
      !(isPlural && tokens[next].number != nil),
      looksLikeName(raw) || !isFree(next + 1) || schema.knows(raw) != .nobody
    else { return false }
    placeEntity(field, raw, at.lowerBound..<next + 1)
    // "users u1, u2 and u3"
    var more = next + 1
    while ["and", "or"].contains(word(more)) || isFree(more), tokens.indices.contains(more) {
      let value = ["and", "or"].contains(word(more)) ? more + 1 : more
      guard isFree(value), !tokens[value].isMeasure, words.phrases[[word(value)]] == nil else {
        break
      }
      let raw = tokens[value].raw
      let isCalled =
        if case .entity(let fields) = schema.knows(raw) { fields.contains(field) } else { false }
      guard looksLikeName(raw) || isCalled else { break }
      placeEntity(field, tokens[value].raw, more..<value + 1)
      more = value + 1
    }
    return true
  }

  private mutating func placeEntity(_ field: String, _ value: String, _ at: Range<Int>) {
    let isNamed = !schema.fields.contains(field)
    place(isNamed ? .value(field) : .entity, isNamed ? value : "\(field)=\(value)", at)
    use(at)
  }

  /// Words that cannot be a name: they join, compare or exclude.
  static let joining: Set<String> = [
    "and", "or", "not", "no", "nor", "never", "except", "by", "per", "each", "every", "than",
    "more", "most", "less", "least", "over", "under", "above", "below", "which", "who", "what",
    "how", "but", "only", "if", "between", "since", "before", "after", "one", "than", "compared",
    "versus", "vs", "without", "exactly", "fewer", "up", "down", "out", "much", "many", "outside",
    "last", "first", "past", "older", "newer",
  ]

  func looksLikeName(_ raw: String) -> Bool {
    if raw.hasPrefix("$") || raw.hasSuffix("%") { return false }
    return raw.contains(where: \.isNumber) || raw.dropFirst().contains { "@./\\_".contains($0) }
  }

  /// Entities that are named by nothing but their names.
  mutating func readEntities() {
    for index in tokens.indices where !tokens[index].isUsed {
      let token = tokens[index]
      // "new critical alerts"
      if token.word == "new", isBeforeAlerts(index) {
        place(.state, "new", index..<index + 1)
        use(index..<index + 1)
        continue
      }
      if let sign = token.raw.firstIndex(of: "="), sign > token.raw.startIndex,
        schema.isOfAlerts(String(token.raw[..<sign]))
          || schema.hasEventField(String(token.raw[..<sign]))
      {
        placeEntity(
          String(token.raw[..<sign]), String(token.raw[token.raw.index(after: sign)...]),
          index..<index + 1)
        continue
      }
      let isID =
        token.word.count >= 8 && token.word.count <= 20
        && token.word.allSatisfy { "0123456789abcdef".contains($0) } && looksLikeName(token.raw)
        && token.word.contains(where: \.isLetter)
      if isID {
        query.id = token.word
        found += 1
        use(index..<index + 1)
        continue
      }
      if let day = TimeReader.missingDay(tokens, at: index) {
        conflict = "there is no \(day)"
        return
      }
      // Nobody is called so: without a field before it, it is a time or an amount that was not understood.
      if token.isMeasure { continue }
      let before = index > 0 ? word(index - 1) : ""
      let isNamed = [
        "for", "of", "by", "about", "involving", "on", "from", "to", "is", "why", "did", "with",
        "at",
      ].contains(before)
      guard !QuestionReading.small.contains(token.word),
        !QuestionReading.joining.contains(token.word), looksLikeName(token.raw) || isNamed
      else { continue }
      resolve(token.raw, at: index)
      if conflict != nil { return }
    }
  }

  private func isBeforeAlerts(_ index: Int) -> Bool {
    var next = index + 1
    while let one = placed.first(where: { $0.at.lowerBound == next }) { next = one.at.upperBound }
    return nouns.contains { $0.at.lowerBound == next && $0.what == .alerts }
  }

  /// Who is meant by a bare name.
  private mutating func resolve(_ name: String, at index: Int) {
    let at = index..<index + 1
    let wantsField = [.entity, .risk].contains(query.act)
    switch schema.knows(name) {
    case .anybody:
      let field = nouns.first { if case .field = $0.what { true } else { false } }
      if wantsField, case .field(let field)? = field?.what {
        return placeEntity(field, name, at)
      }
      place(.entity, name, at)
      use(at)
    case .entity(let fields):
      let name = wantsField && fields.count == 1 ? "\(fields[0])=\(name)" : name
      place(.entity, name, at)
      use(at)
    case .part(let pattern):
      place(.entity, pattern, at)
      use(at)
    case .inEvents(let fields):
      if fields.count == 1 { place(.value(fields[0]), name, at) } else { place(.entity, name, at) }
      isOfEvents = true
      use(at)
    case .nobody: break
    }
  }
}
