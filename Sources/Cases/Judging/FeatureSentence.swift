import Detection

/// What a feature's value says in words, with what is usual for the entity: `20 events in the last hour; usually 1 to 3`.
enum FeatureSentence {
  static func text(_ measured: Measurement) -> String {
    let words = measured.words ?? words(of: measured.name)
    let said = words.sentence(measured.value)
    guard !measured.value.isNaN, let normal = measured.normal, let spread = measured.spread,
      normal.isFinite, spread.isFinite
    else { return said }
    // Features without decimals are counts, seconds, hours of a day and flags: none is ever below 0.
    let least = words.decimals == 0 ? max(0, normal - spread) : normal - spread
    if words.unit == FeatureWords.flag { return said }
    let low = words.number(least)
    let high = words.number(max(least, normal + spread))
    if low == high { return "\(said); usually \(low)" }
    let isFromNone = words.decimals == 0 && low == words.number(0)
    return isFromNone
      ? "\(said); usually up to \(high)" : "\(said); usually \(low) to \(high)"
  }

  /// Whether a value lies within what is usual for the entity; false where nobody knows what that is.
  static func isUsual(_ measured: Measurement) -> Bool {
    guard let normal = measured.normal, let spread = measured.spread else { return false }
    return abs(measured.value - normal) <= max(spread, 1e-6 * abs(normal))
  }

  /// How many spreads a value is from what is usual; 0 where nobody knows what that is.
  static func oddity(_ measured: Measurement) -> Double {
    guard let normal = measured.normal, let spread = measured.spread else { return 0 }
    let oddity = abs(measured.value - normal) / max(spread, 1e-3 * abs(normal), 1e-9)
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
