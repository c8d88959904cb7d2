import Detection

/// What a feature's value says in words, with what is usual for the entity: `20 events in the last hour; usually 1 to 3`.
enum FeatureSentence {
  /// One sentence, without a full stop.
  ///
  /// - Parameter saysUsual: whether "as usual" is said, which is no reason where something was decided by it.
  static func text(_ measured: Measurement, saysUsual: Bool = true) -> String {
    let words = measured.words ?? words(of: measured.name)
    let said = words.sentence(measured.value)
    if measured.value.isNaN || words.unit == FeatureWords.flag { return said }
    guard let usual = measured.usual else { return said }
    let range = span(usual.low, usual.high, words) + usual.basis.words
    return saysUsual && isUsual(measured)
      ? "\(said), as usual (\(range))" : "\(said); usually \(range)"
  }

  /// What follows where it is known what is usual for others: `; others 2 to 5`; empty where they cannot be compared.
  static func text(ofPeers usual: Usual, _ measured: Measurement) -> String {
    let words = measured.words ?? words(of: measured.name)
    if measured.value.isNaN || words.unit == FeatureWords.flag { return "" }
    return "; others \(span(usual.low, usual.high, words))"
  }

  private static func span(_ low: Double, _ high: Double, _ words: FeatureWords) -> String {
    let (first, last) = (words.number(low), words.number(high))
    if first == last { return first }
    let isFromNone = words.decimals == 0 && first == words.number(0)
    return isFromNone ? "up to \(last)" : "\(first) to \(last)"
  }

  /// Whether a value lies within what is usual for the entity; false where nobody knows what that is.
  static func isUsual(_ measured: Measurement) -> Bool {
    measured.usual?.contains(measured.value) ?? false
  }

  /// Whether two say the same to a reader: in the same words, or one value of one thing over two windows, or one value over
  /// one window where the same is usual.
  static func saysTheSame(_ a: Measurement, _ b: Measurement) -> Bool {
    let (one, other) = (a.words ?? words(of: a.name), b.words ?? words(of: b.name))
    if a.name == b.name || one.hasNumber && one.phrase == other.phrase { return true }
    guard a.value == b.value else { return false }
    let (first, second) = (parts(a), parts(b))
    if first.window.isEmpty || second.window.isEmpty { return false }
    // Of five in five minutes it goes without saying that there were five in ten.
    if first.what == second.what { return one.decimals == 0 || a.usual == b.usual }
    return first.window == second.window && a.usual != nil && a.usual == b.usual
  }

  /// `8 logins` and `the last 5 minutes for the src ip` of a phrase; what follows the window stays with what is counted.
  private static func parts(_ measured: Measurement) -> (what: String, window: String) {
    let text = (measured.words ?? words(of: measured.name)).sentence(measured.value)
    guard let place = text.firstRange(of: " in the last ") else { return (text, "") }
    let window = String(text[place.upperBound...])
    let tail = window.firstRange(of: " for ").map { String(window[$0.lowerBound...]) } ?? ""
    return (String(text[..<place.lowerBound]) + tail, window)
  }

  /// How many spreads, half of what lies between the tenths, a value is from what is usual; 0 where nobody knows what that is.
  static func oddity(_ measured: Measurement) -> Double {
    guard let usual = measured.usual else { return 0 }
    let spread = max(usual.spread, 1e-3 * abs(usual.median), 1e-9)
    let oddity = usual.distance(measured.value) / spread
    return oddity.isNaN ? 0 : oddity
  }

  /// The standard feature's words; the name itself where it is none.
  private static func words(of name: String) -> FeatureWords {
    standardWords(of: name) ?? plainWords(of: name)
  }

  /// Missing where it is no standard feature.
  static func standardWords(of name: String) -> FeatureWords? { standard[name] }

  static func plainWords(of name: String) -> FeatureWords {
    FeatureWords(phrase: "\(name) {n}", decimals: 2)
  }

  private static let standard = Dictionary(
    FeatureSet.standard.features.map { ($0.name, $0.words) }, uniquingKeysWith: { a, _ in a })
}

extension Usual.Basis {
  /// When it is so: ` on Mondays 9:00–10:00`; empty for all hours.
  var words: String {
    switch self {
    case .hourOfWeek(let hour):
      let day = FeatureWords(phrase: "", unit: FeatureWords.weekday, decimals: 0)
        .number(Double(hour / 24))
      return " on \(day)s \(Usual.Basis.span(hour % 24))"
    case .hourOfDay(let hour): return " at \(Usual.Basis.span(hour))"
    case .overall: return ""
    }
  }

  private static func span(_ hour: Int) -> String { "\(hour):00–\(hour + 1):00" }
}
