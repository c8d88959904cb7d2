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
    let low = FeatureWords.number(least, decimals: words.decimals)
    let high = FeatureWords.number(max(least, normal + spread), decimals: words.decimals)
    return low == high ? "\(said); usually \(low)" : "\(said); usually \(low) to \(high)"
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
