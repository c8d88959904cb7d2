/// What a data directory and its plugins call their things: the words that questions may use without a synonym.
package struct QuestionSchema: Sendable {
  package var rules: [(id: String, title: String)] = []
  /// Fields that alerts are about, and those that they only name.
  package var fields: [String] = []
  package var named: [String] = []
  package var categories: [String] = []
  package var owners: [(key: String, name: String)] = []
  package var sources: [String] = []
  /// Kinds and fields of the kept events, and the values of fields that have few.
  package var kinds: [String] = []
  package var eventFields: [(name: String, isNumber: Bool)] = []
  package var values: [String: [String]] = [:]
  /// Who is called so.
  package var knows: @Sendable (String) -> Known = { _ in .anybody }

  package enum Known: Hashable, Sendable {
    /// It is not known who there is.
    case anybody
    /// An entity that alerts are about, under these fields.
    case entity(fields: [String])
    /// A part of the names of such entities, in a pattern.
    case part(String)
    /// Nothing that alerts are about; a value of these fields of events.
    case inEvents(fields: [String])
    case nobody
  }

  package init() {}

  /// What alerts have of numbers.
  static let alertNumbers = ["cost", "score"]

  func isNumber(_ field: String) -> Bool {
    QuestionSchema.alertNumbers.contains(field)
      || eventFields.contains { $0.name == field && $0.isNumber }
  }

  func hasEventField(_ field: String) -> Bool { eventFields.contains { $0.name == field } }

  /// Whether there is such a field; where nothing is kept that is not known.
  func has(_ field: String) -> Bool {
    eventFields.isEmpty || isNumber(field) || hasEventField(field) || isOfAlerts(field)
  }

  /// Whether alerts can be told by a field.
  func isOfAlerts(_ field: String) -> Bool { fields.contains(field) || named.contains(field) }

  /// The words of the file and those of this schema; the file's go first, and what is told apart by its kind goes before
  /// what is told by its title.
  func words(_ given: QuestionWords) -> QuestionWords {
    var words = given
    for rule in rules { words.add([rule.id.lowercased()], .rule(rule.id)) }
    for field in fields + named + eventFields.map(\.name) {
      for form in QuestionSchema.forms(field) { words.add(form, .field(field)) }
    }
    for rule in rules {
      let tail = rule.id.split(separator: ".").last.map(String.init) ?? rule.id
      let spoken = Token.words(of: tail.replacing("-", with: " "))
      for form in [[tail], spoken, QuestionSchema.plural(spoken)] {
        words.add(form, .rule(rule.id))
      }
    }
    for category in categories {
      words.add(Token.words(of: category), .category(category))
      let tail = Token.words(of: category.split(separator: "-").last.map(String.init) ?? category)
      words.add(tail, .category(category))
      words.add(QuestionSchema.plural(tail), .category(category))
    }
    for rule in rules { words.add(Token.words(of: rule.title), .rule(rule.id)) }
    for owner in owners {
      for name in [owner.key, owner.key.replacing("_", with: " "), owner.name] {
        words.add(Token.words(of: name), .owner(owner.key))
      }
    }
    for source in sources { words.add([source.lowercased()], .source(source)) }
    for family in Set(rules.compactMap { $0.id.split(separator: ".").first.map(String.init) }) {
      words.add([family], .rule("\(family).*"))
    }
    for kind in kinds {
      for form in QuestionSchema.forms(kind) { words.add(form, .kind(kind, rules: nil)) }
    }
    for (field, values) in values.sorted(by: { $0.key < $1.key }) {
      for value in values
      where value.count > 1 && !QuestionReading.small.contains(value.lowercased()) {
        for form in QuestionSchema.spellings(value) {
          words.add(form, .value(field: field, value: value))
        }
      }
    }
    return words
  }

  /// `error_code`, `error codes`, …
  private static func forms(_ name: String) -> [[String]] {
    spellings(name).flatMap { [$0, plural($0)] }
  }

  private static func spellings(_ name: String) -> [[String]] {
    let name = name.lowercased()
    let spoken = name.replacing("_", with: " ").replacing("-", with: " ")
    return [[name], Token.words(of: spoken)].filter { !$0.isEmpty }
  }

  private static func plural(_ words: [String]) -> [String] {
    guard let last = words.last else { return [] }
    let isY = last.hasSuffix("y") && last.dropLast().last.map { !"aeiou".contains($0) } ?? false
    let plural = isY ? "\(last.dropLast())ies" : last + "s"
    return words.dropLast() + [plural]
  }
}
