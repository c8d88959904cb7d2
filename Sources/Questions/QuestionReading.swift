import Primitives

/// One question while it is being read: which words were taken for what.
///
/// Each word that says something has to be taken for a part of the query, and the parts are put together only in ways that
/// say the same as the words: what is left over is told.
struct QuestionReading {
  /// A thing that is named without a value: what is listed, counted or grouped by.
  struct Noun {
    enum What: Hashable {
      case alerts, events
      case kind(String, rules: String?)
      case field(String)
      case key(String)
    }

    var what: What
    var at: Range<Int>
    /// It was taken for a group, an amount or a condition.
    var isTaken = false
  }

  /// A filter and the words that it stands in.
  struct Placed {
    var filter: Query.Filter
    var at: Range<Int>
    /// It may be one of several that are joined by "or".
    var group: Int?
  }

  /// A superlative or `sum`, `mean`, … that waits for what it is of.
  struct Measure {
    var word: String
    var of: String?
    var at: Range<Int>
  }

  var tokens: [Token]
  let words: QuestionWords
  let schema: QuestionSchema
  let now: Timestamp
  var query = Query()
  var hasAct = false
  var nouns: [Noun] = []
  var placed: [Placed] = []
  var measures: [Measure] = []
  /// Why it cannot be answered although each of its words was understood.
  var conflict: String?
  /// What is asked back, and what may be meant.
  var doubt: String?
  var choices: [Query] = []
  /// Something was said that narrows down what is meant.
  var found = 0
  /// Where "which", "top 5" or the like stands.
  var asksWhich: Int?
  /// Where "how many" stands.
  var asksHowMany: Int?
  /// "most", "the most", "most often"
  var hasMost = false
  var isFollowUp = false
  /// What a follow-up builds upon.
  var base: Query?
  /// A name is known of events only.
  var isOfEvents = false

  init(tokens: [Token], words: QuestionWords, schema: QuestionSchema, now: Timestamp) {
    self.tokens = tokens
    self.words = words
    self.schema = schema
    self.now = now
  }

  var foundNothing: Bool { found == 0 && nouns.isEmpty && !hasAct }

  /// Words that say something and were taken for nothing.
  var unknown: [Token] { tokens.filter { !$0.isUsed } }

  var mentionsAlerts: Bool { nouns.contains { $0.what == .alerts } }

  /// "and for devices?", "what about yesterday", "only critical ones"
  var soundsLikeFollowUp: Bool {
    let first = tokens.prefix(2).map(\.word)
    let leading: Set = [
      "and", "only", "just", "now", "same", "but", "without", "instead", "or", "by", "per", "not",
      "over", "under", "above", "below", "except", "in", "from",
    ]
    if leading.contains(first[0]) { return true }
    if first == ["what", "about"] || first == ["how", "about"] { return true }
    // A question that names nothing by itself: "why", "how many", "top 3".
    let text = tokens.map(\.word).joined(separator: " ")
    if tokens.contains(where: { QuestionReading.pronouns.contains($0.word) }) { return true }
    return ["why", "how many", "how many of them", "how much"].contains(text)
      || tokens.count == 2 && ["top", "first"].contains(first[0]) && tokens[1].number != nil
  }

  /// Reads all; gives the reason where it cannot be answered.
  mutating func read() -> String? {
    readEvent()
    readTimes()
    // Hours of no day are today's, as far as they are over.
    if let time = query.time, time.isOfHours, let before = time.before, before > now {
      query.time?.before = nil
    }
    if let conflict { return conflict }
    if let reason = readPhrases() ?? conflict { return reason }
    readNumbers()
    readEntities()
    if let conflict { return conflict }
    readNegations()
    readAlternatives()
    readGroups()
    takeSmallWords()
    if conflict == nil { assemble() }
    return conflict
  }

  mutating func use(_ range: Range<Int>) {
    for index in range where tokens.indices.contains(index) { tokens[index].isUsed = true }
  }

  func word(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].word : "" }

  func isFree(_ index: Int) -> Bool { tokens.indices.contains(index) && !tokens[index].isUsed }

  /// The next word that is neither an article nor one that joins.
  func skipSmall(from index: Int) -> Int {
    var index = index
    while isFree(index), QuestionReading.articles.contains(word(index)) { index += 1 }
    return index
  }

  static let articles: Set<String> = [
    "a", "an", "the", "all", "any", "of", "different", "distinct",
  ]

  private mutating func takeSmallWords() {
    if ["only", "just", "and", "but"].contains(word(0)) { use(0..<1) }
    for index in tokens.indices where QuestionReading.small.contains(tokens[index].word) {
      tokens[index].isUsed = true
    }
    for index in tokens.indices
    where ["and", "but"].contains(tokens[index].word) && joinsFreely(index) {
      tokens[index].isUsed = true
    }
    // A preposition of what was understood: "flagged by the model", "alerts by user ana".
    for index in tokens.indices
    where tokens[index].word == "by" && index + 1 < tokens.count {
      var next = index + 1
      while next < tokens.count, QuestionReading.articles.contains(word(next)) { next += 1 }
      if placed.contains(where: { $0.at.contains(next) }) { tokens[index].isUsed = true }
    }
  }

  /// "and" says nothing by itself where both of its sides were understood, or nothing stands before it.
  private func joinsFreely(_ index: Int) -> Bool {
    index == 0 || (index + 1 < tokens.count && !isFree(index + 1)) || index + 1 == tokens.count
      || QuestionReading.small.contains(word(index + 1))
  }

  /// They stand for what was asked about before.
  static let pronouns: Set = ["their", "its", "his", "her", "them", "those", "these", "theirs"]

  /// Words that mean nothing by themselves. What joins, compares, groups or excludes is not among them.
  static let small: Set<String> = [
    "a", "an", "the", "of", "for", "in", "on", "at", "to", "with", "from", "is",
    "are", "was", "were", "be", "been", "do", "does", "did", "have", "has", "had", "we", "us",
    "our", "i", "me", "my", "you", "it", "they", "that", "this", "there", "any", "anything", "all",
    "some", "please", "can", "may", "might", "could",
    "would", "should", "will", "about", "as", "then", "so", "just", "also", "ones", "same", "now",
    "instead", "during", "whose", "into", "&", "where",
  ]
}
