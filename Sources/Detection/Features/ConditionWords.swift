/// Conditions as a reader says them, beside the canonical lines that digests are taken of.
extension Predicate {
  /// `outcome failure`, `amount at least 500`
  var words: String {
    let name = name.replacing("_", with: " ")
    switch test {
    case .present: return "\(Nouns.article(name)) \(name)"
    case .missing: return "no \(name)"
    default: return "\(name) \(test.words)"
    }
  }
}

extension Test {
  /// The texts of which it is one, where it is nothing but that.
  var alternatives: [String]? {
    switch self {
    case .equals(.text(let text)): [text]
    case .any(let tests):
      tests.allSatisfy { $0.alternatives != nil } ? tests.flatMap { $0.alternatives ?? [] } : nil
    default: nil
    }
  }

  var words: String {
    switch self {
    case .equals(.number(let x)): number(x)
    case .equals(.text(let text)): text
    case .equals(.flag(let flag)): flag ? "true" : "false"
    case .equals(.missing), .missing: "missing"
    case .any(let tests): tests.map(\.words).joined(separator: " or ")
    case .atLeast(let x): "at least \(number(x))"
    case .atMost(let x): "at most \(number(x))"
    case .above(let x): "above \(number(x))"
    case .below(let x): "below \(number(x))"
    case .between(let low, let high): "between \(number(low)) and \(number(high))"
    case .multipleOf(let x): "a multiple of \(number(x))"
    case .matches(let pattern), .matchesAnyCase(let pattern): "like \(pattern)"
    case .inList(let name): "in the list \(name)"
    case .present: "known"
    case .not(let test): "not \(test.words)"
    }
  }

  private func number(_ x: Double) -> String { FeatureWords.number(x, decimals: 6) }
}

/// English plurals, as far as names of fields and kinds need them.
enum Nouns {
  /// `login{|s}`, `connect{|s}`, `reply` → `repl{y|ies}`, `access{|es}`
  static func plural(_ noun: String) -> String {
    let vowels = "aeiou"
    if noun.hasSuffix("y"), let before = noun.dropLast().last, !vowels.contains(before) {
      return noun.dropLast() + "{y|ies}"
    }
    for end in ["s", "x", "ch", "sh"] where noun.hasSuffix(end) { return noun + "{|es}" }
    return noun + "{|s}"
  }

  /// `a` or `an`
  static func article(_ noun: String) -> String {
    noun.first.map { "aeio".contains($0) } ?? false ? "an" : "a"
  }

  static func one(_ text: String) -> String { chosen(text, first: true) }
  static func many(_ text: String) -> String { chosen(text, first: false) }

  private static func chosen(_ text: String, first: Bool) -> String {
    FeatureWords(phrase: text, decimals: 0).sentence(first ? 1 : 2)
  }
}
