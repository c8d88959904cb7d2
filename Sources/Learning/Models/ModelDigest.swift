import Crypto
import Detection
import Primitives

/// SHA-256 over values in a fixed form: numbers as little-endian bits, texts and lists with their length before them.
struct CanonicalHasher {
  private var hasher = SHA256()

  mutating func add(_ value: UInt64) {
    withUnsafeBytes(of: value.littleEndian) { hasher.update(bufferPointer: $0) }
  }
  mutating func add(_ value: Int) { add(UInt64(bitPattern: Int64(value))) }
  mutating func add(_ value: Double) { add(value.bitPattern) }
  mutating func add(_ value: Float) { add(UInt64(value.bitPattern)) }
  mutating func add(_ text: String) {
    let bytes = Array(text.utf8)
    add(bytes.count)
    hasher.update(data: bytes)
  }
  mutating func add(_ values: [Double]) {
    add(values.count)
    for value in values { add(value) }
  }

  func finish() -> String { hasher.finalize().map { hexadecimal($0) }.joined() }
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}

extension Model {
  /// A digest of everything that the model says and how it scores; 64 hexadecimal digits.
  package var digest: String {
    var hasher = CanonicalHasher()
    hasher.add("moonwatch-model 1")
    hasher.add(features.count)
    for name in features { hasher.add(name) }
    hasher.add(featureDigest)
    hasher.add(objective.rawValue)
    hasher.add(forest.baseMargin)
    hasher.add(forest.treeCount)
    for root in forest.roots { hasher.add(Int(root)) }
    hasher.add(forest.nodes.count)
    for (index, node) in forest.nodes.enumerated() {
      // A leaf's threshold is a mark, not content; that of a split on categories is the place of its set.
      hasher.add(node.isLeaf ? Float.infinity : node.threshold)
      hasher.add(Int(node.left))
      hasher.add(UInt64(node.column))
      hasher.add(node.value)
      hasher.add(forest.covers[index])
      hasher.add(forest.gains[index])
    }
    if !forest.categorySets.isEmpty || !categories.isEmpty {
      hasher.add("categories")
      for set in forest.categorySets {
        hasher.add(set.codes.count)
        for code in set.codes { hasher.add(Int(code)) }
      }
      for words in categories {
        hasher.add(words.count)
        for word in words { hasher.add(word) }
      }
    }
    switch calibration {
    case .logistic: hasher.add("logistic")
    case .platt(let slope, let offset):
      hasher.add("platt")
      hasher.add([slope, offset])
    case .isotonic(let margins, let probabilities):
      hasher.add("isotonic")
      hasher.add(margins)
      hasher.add(probabilities)
    }
    if meaning != .probability { hasher.add(meaning.rawValue) }
    hasher.add(alertThreshold.map { [$0] } ?? [])
    if let trainedOn {
      hasher.add("trained")
      hasher.add(trainedOn.rows)
      hasher.add(trainedOn.positives)
      hasher.add(trainedOn.from.map { "\($0.microseconds)" } ?? "")
      hasher.add(trainedOn.to.map { "\($0.microseconds)" } ?? "")
      hasher.add(trainedOn.seed)
    }
    return hasher.finish()
  }

  /// The feature digest of a table: of its column names in order.
  package static func featureDigest(ofColumns names: [String]) -> String {
    var hasher = CanonicalHasher()
    hasher.add("columns")
    hasher.add(names.count)
    for name in names { hasher.add(name) }
    return hasher.finish()
  }
}
