import Primitives

/// The phrases and names of a question: what words stand for, and whom they are about.
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
      take(meaning, at: index, length)
      index += max(1, length)
    }
    return nil
  }

  mutating func take(_ meaning: Meaning, at index: Int, _ length: Int) {
    let before = index > 0 ? tokens[index - 1].word : ""
    let groups = ["by", "per", "each", "every"].contains(before)
    switch meaning {
    case .nothing, .cannot: break
    case .rule(let id):
      // A family says less than a rule that is named beside it.
      if let known = understood.filters["rule"], known != id {
        if !known.hasSuffix("*"), id.hasSuffix("*") { break }
        if !known.hasSuffix("*") || !id.hasPrefix(known.dropLast()) { onlyOne("rule") }
      }
      understood.filters["rule"] = id
      found += 1
    case .category(let name): set("category", name)
    case .owner(let key): set("owner", key)
    case .source(let id): set("source", id)
    case .severity(let word):
      let ranks = ["info", "low", "medium", "high", "critical"]
      if let known = understood.filters["severity"], known != word,
        let a = ranks.firstIndex(of: known), let b = ranks.firstIndex(of: word)
      {
        // "critical or high" is high and above; "critical or low" is none of what can be asked.
        if abs(a - b) > 1 { onlyOne("severity") }
        set("severity", ranks[min(a, b)], replaces: true)
      } else {
        set("severity", word)
      }
    case .status(let word): set("status", word)
    case .disposition(let word): set("disposition", word)
    case .kind(let word): set("kind", word)
    case .order(let word): understood.order = word
    case .key(let word):
      if word == "day" || word == "hour" {
        guard groups || word == "hour" && (asksWhich || understood.intent == .timeline) else {
          return
        }
        understood.intent = .timeline
        if asksWhich { understood.intent = .tally }
        understood.by = word
        hasIntent = true
      } else if groups || asksWhich {
        understood.by = word
        understood.intent = .tally
        hasIntent = true
      } else {
        return
      }
      found += 1
    case .field(let field):
      if readEntity(of: field, at: index, length) { return }
      if groups || asksWhich || tokens[index].word == "who" {
        understood.by = field
        understood.intent = .tally
        hasIntent = true
      } else if understood.filters["entity"] == nil {
        understood.filters["field"] = field
      }
      found += 1
    case .intent(let word): takeIntent(word)
    }
    use(index..<index + length)
    if groups, index > 0 { use(index - 1..<index) }
  }

  mutating func set(_ key: String, _ value: String, replaces: Bool = false) {
    if let known = understood.filters[key], known != value, !replaces { onlyOne(key) }
    understood.filters[key] = value
    found += 1
  }

  mutating func onlyOne(_ what: String) {
    conflict =
      "two of '\(what)' are named, and I look for one at a time: ask for each, or filter the list in Lua"
  }

  mutating func takeIntent(_ word: String) {
    switch word {
    case "which": asksWhich = true
    case "alerts": mentionsAlerts = true
    case "trend":
      understood.intent = .timeline
      understood.by = understood.by ?? "day"
      if tokens.contains(where: { $0.word == "hourly" }) { understood.by = "hour" }
      hasIntent = true
    default:
      guard let intent = Understood.Intent(rawValue: word) else { return }
      // "how many … per user": a tally was asked for already.
      if understood.intent == .tally && intent == .count { return }
      understood.intent = intent
      hasIntent = true
    }
  }

  /// "user ana", "card 4711": a field with its value.
  mutating func readEntity(of field: String, at index: Int, _ length: Int) -> Bool {
    var next = index + length
    if next < tokens.count, ["=", "named", "called", "number", "no"].contains(tokens[next].word) {
      next += 1
    }
    guard next < tokens.count, !tokens[next].isUsed, tokens[index].word != "who",
      tokens[index].word == field.lowercased() || looksLikeName(tokens[next].raw),
      looksLikeName(tokens[next].raw) || words.phrases[[tokens[next].word]] == nil
    else { return false }
    understood.filters["entity"] = "\(field)=\(tokens[next].raw)"
    understood.filters["field"] = nil
    found += 1
    use(index..<next + 1)
    return true
  }

  func looksLikeName(_ raw: String) -> Bool { raw.contains(where: \.isNumber) }

  // MARK: Entities that are named by nothing but their names

  mutating func readEntities() {
    for index in tokens.indices where !tokens[index].isUsed {
      let token = tokens[index]
      if let sign = token.raw.firstIndex(of: "="), sign > token.raw.startIndex,
        fields.contains(String(token.raw[..<sign]))
      {
        set("entity", token.raw)
        use(index..<index + 1)
        continue
      }
      let isID =
        token.word.count >= 8 && token.word.count <= 20
        && token.word.allSatisfy { "0123456789abcdef".contains($0) } && looksLikeName(token.raw)
        && token.word.contains(where: \.isLetter)
      if isID {
        understood.id = token.word
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
      let before = index > 0 ? tokens[index - 1].word : ""
      let isNamed = ["for", "of", "by", "about", "involving", "on", "from"].contains(before)
      guard understood.filters["entity"] == nil, !QuestionReading.small.contains(token.word) else {
        continue
      }
      if looksLikeName(token.raw) || isNamed {
        let field =
          understood.intent == .entity ? understood.filters["field"].map { "\($0)=" } : nil
        set("entity", (field ?? "") + token.raw)
        use(index..<index + 1)
      }
    }
  }
}
