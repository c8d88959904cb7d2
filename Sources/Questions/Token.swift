/// One word of a question.
struct Token: Hashable {
  /// As it was written, without the signs around it.
  var raw: String
  /// In lower case.
  var word: String
  /// What it was taken for; missing while nothing was.
  var isUsed = false

  init(_ raw: String) {
    self.raw = raw
    word = raw.lowercased()
  }

  /// Words between spaces, without the punctuation around them; `'s` at an end is left out.
  static func tokens(of text: String) -> [Token] {
    text.split { $0.isWhitespace }.compactMap { part in
      var part = part
      while let last = part.last, ",?!;:\"')”’".contains(last) || last == "." { part.removeLast() }
      while let first = part.first, "\"'(“‘¿".contains(first) { part.removeFirst() }
      for ending in ["'s", "’s"] where part.hasSuffix(ending) { part.removeLast(2) }
      return part.isEmpty ? nil : Token(String(part))
    }
  }

  static func words(of text: String) -> [String] { tokens(of: text).map(\.word) }

  /// `4`, `four`, `1,000`, `$2.5k`; missing where it is no number.
  var number: Double? {
    if let known = Token.numbers[word] { return known }
    var text = word.replacing(",", with: "").replacing("$", with: "").replacing("€", with: "")
    var factor = 1.0
    if text.hasSuffix("%") {
      factor = 0.01
      text.removeLast()
    } else if text.count > 1, text.hasSuffix("k") {
      factor = 1000
      text.removeLast()
    } else if text.count > 1, text.hasSuffix("m") {
      factor = 1e6
      text.removeLast()
    }
    guard !text.isEmpty, text.allSatisfy({ $0.isNumber || $0 == "." }) else { return nil }
    // Binary noise of 0.01 × 80 would stand in the query.
    return Double(text).map { factor == 0.01 ? ($0 / 100) : $0 * factor }
  }

  var isMoney: Bool { word.hasPrefix("$") }
  var isShare: Bool { word.hasSuffix("%") }

  private static let numbers: [String: Double] = [
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
    "couple": 2, "dozen": 12,
  ]
}
