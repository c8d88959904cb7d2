/// How the filters of a question are joined: one of them, none of them, all of them.
extension QuestionReading {
  private static let exceptions: Set = [
    "except", "excluding", "without", "besides", "outside", "ignoring",
  ]

  /// "except card testing", "that are not critical", "outside berlin": the filters behind, as far as they are joined.
  mutating func readNegations() {
    for index in tokens.indices where !tokens[index].isUsed {
      let word = word(index)
      var end = index + 1
      if QuestionReading.exceptions.contains(word) {
        if self.word(end) == "for" { end += 1 }
      } else if ["not", "non", "isn't", "aren't", "no"].contains(word) {
      } else if ["other", "apart"].contains(word), ["than", "from"].contains(self.word(end)) {
        end += 1
      } else if word == "leaving", self.word(end) == "out" {
        end += 1
      } else {
        continue
      }
      var behind = end
      var isFirst = true
      while true {
        var next = behind
        while isFree(next) || ["and", "or", "nor"].contains(self.word(next)),
          QuestionReading.small.contains(self.word(next))
            || !isFirst && ["and", "or", "nor"].contains(self.word(next))
        { next += 1 }
        // "not about fraud or metrics": a kind's word is left out as its rules.
        if let noun = nouns.firstIndex(where: { $0.at.lowerBound == next }),
          case .kind(_, let rules?) = nouns[noun].what, mentionsAlerts
        {
          place(.rule, rules, nouns[noun].at)
          nouns.remove(at: noun)
        }
        guard let found = placed.firstIndex(where: { $0.at.lowerBound == next && !$0.filter.isNot })
        else { break }
        if !isFirst,
          !tokens[behind..<next].contains(where: { ["and", "or", "nor"].contains($0.word) })
        {
          break
        }
        placed[found].filter.isNot = true
        if case .severity = placed[found].filter.key, QuestionReading.exceptions.contains(word) {
          placed[found].filter.key = .level
        }
        use(behind..<next)
        behind = placed[found].at.upperBound
        isFirst = false
      }
      if isFirst {
        conflict =
          "I do not see what '\(word)' is to leave out: name a rule, a severity, a user or the like behind it"
        return
      }
      use(index..<end)
      if index > 0, self.word(index - 1) == "but" { use(index - 1..<index) }
      if index > 0, self.word(index - 1) == "all" { use(index - 1..<index) }
    }
  }

  /// "fraud or auth": filters of one key are alternatives by themselves; of two keys they need a list of their own.
  mutating func readAlternatives() {
    for index in tokens.indices where ["or", "and"].contains(word(index)) {
      // "logins or logoffs"
      let kinds = nouns.filter {
        if case .kind = $0.what {
          $0.at.upperBound == index || $0.at.lowerBound == index + 1
        } else {
          false
        }
      }
      if kinds.count == 2 { use(index..<index + 1) }
      guard let left = placed.firstIndex(where: { $0.at.upperBound == index }) else { continue }
      var next = index + 1
      while QuestionReading.small.contains(word(next)) { next += 1 }
      guard let right = placed.firstIndex(where: { $0.at.lowerBound == next }) else { continue }
      let (a, b) = (placed[left].filter, placed[right].filter)
      if a.isNot != b.isNot { continue }
      if a.isNot || a.key == b.key || word(index) == "and" {
        use(index..<index + 1)
        continue
      }
      // "critical fraud or low auth": what belongs together cannot be seen.
      let isCrowded = placed.contains {
        $0.at.upperBound == placed[left].at.lowerBound
          || $0.at.lowerBound == placed[right].at.upperBound
      }
      if isCrowded { continue }
      let severities: [Query.Key] = [.severity, .level]
      if severities.contains(a.key), severities.contains(b.key) { continue }
      let group = placed[left].group ?? index
      placed[left].group = group
      placed[right].group = group
      use(index..<index + 1)
    }
  }
}
