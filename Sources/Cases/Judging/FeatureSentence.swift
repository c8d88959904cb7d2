/// What a feature's value says in words, with what is usual for the entity: `20 events in the last hour; usually 1 to 3`.
enum FeatureSentence {
  /// Below this many earlier values nothing is called usual.
  static let fewest = 3

  static func text(_ measured: Measurement) -> String {
    let wording = FeatureWording.of(measured.name)
    if measured.value.isNaN { return "\(wording.name) is missing" }
    let said = wording.said(measured.value)
    guard let normal = measured.normal, let spread = measured.spread,
      measured.count >= fewest, normal.isFinite, spread.isFinite
    else { return said }
    let low = wording.number(normal - spread, notBelow: wording.isCount ? 0 : nil)
    let high = wording.number(normal + spread, notBelow: nil)
    return low == high ? "\(said); usually \(low)" : "\(said); usually \(low) to \(high)"
  }
}
