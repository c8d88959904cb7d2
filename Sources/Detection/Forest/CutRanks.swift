/// Sorted cuts in a form in which a value finds its rank in a few steps without branches.
///
/// Sixteen cuts are compared at once, first those that begin each sixteen and then the sixteen itself. Halving would
/// compare fewer, but which way a value goes cannot be foretold, and every wrong guess costs more than all of this.
package struct CutRanks: Sendable {
  /// One sorted list of at most 256 cuts.
  package struct List: Sendable {
    /// Where its cuts begin, four at a time and each less 1: sixteens, the last one filled up with what no value
    /// reaches. Where there are several, before them those that begin the second, third, … of them.
    fileprivate var start: Int32
    /// The number of sixteens.
    fileprivate var segments: Int32
  }

  private(set) var cuts: [SIMD4<Int32>] = []

  package init() {}

  /// Adds a list of rising cuts.
  package mutating func append(_ sorted: some Collection<Float>) -> List {
    append(keys: sorted.map { CutRanks.key($0) })
  }

  mutating func append(keys: [Int32]) -> List {
    precondition(keys.count <= 256, "sixteen sixteens are 256 cuts")
    let segments = max(1, (keys.count + 15) / 16)
    let list = List(start: Int32(cuts.count), segments: Int32(segments))
    if segments > 1 { append(sixteen: (1..<segments).map { keys[$0 * 16] }[...]) }
    for segment in 0..<segments { append(sixteen: keys.dropFirst(segment * 16).prefix(16)) }
    return list
  }

  private mutating func append(sixteen: ArraySlice<Int32>) {
    for start in [0, 4, 8, 12] {
      var four = SIMD4<Int32>(repeating: .max)
      for (lane, cut) in sixteen.dropFirst(start).prefix(4).enumerated() { four[lane] = cut - 1 }
      cuts.append(four)
    }
  }

  /// Writes the ranks of values that lie `stride` apart: the number of cuts at or below each, plus 1; 0 where missing.
  package func bins(
    _ list: List, _ values: UnsafePointer<Float>, count: Int, stride: Int,
    into bins: UnsafeMutablePointer<UInt8>
  ) {
    cuts.withUnsafeBufferPointer { cuts in
      guard let cuts = cuts.baseAddress else { return }
      for row in 0..<count {
        let key = CutRanks.key(values[row &* stride])
        let rank = CutRanks.rank(key, list, cuts) &+ 1
        bins[row] = key == CutRanks.missing ? 0 : UInt8(truncatingIfNeeded: rank)
      }
    }
  }

  /// The number of cuts at or below a value; 0 for a missing one.
  @inline(__always)
  static func rank(
    _ key: Int32, _ list: List, _ cuts: UnsafePointer<SIMD4<Int32>>
  ) -> Int32 {
    let own = cuts + Int(list.start)
    let keys = SIMD4(repeating: key)
    if list.segments == 1 { return reached(keys, own) }
    let segment = reached(keys, own)
    return segment &* 16 &+ reached(keys, own + Int(4 &+ segment &* 4))
  }

  /// How many of sixteen cuts, less 1 each, are below the keys.
  @inline(__always)
  private static func reached(_ keys: SIMD4<Int32>, _ cuts: UnsafePointer<SIMD4<Int32>>) -> Int32 {
    let sums =
      marks(keys, cuts[0]) &+ marks(keys, cuts[1]) &+ marks(keys, cuts[2])
      &+ marks(keys, cuts[3])
    let halves = sums.lowHalf &+ sums.highHalf
    return 0 &- (halves.x &+ halves.y)
  }

  /// −1 in each lane that is above, else 0.
  @inline(__always)
  private static func marks(_ keys: SIMD4<Int32>, _ cuts: SIMD4<Int32>) -> SIMD4<Int32> {
    // A mask and its lanes are the same bits; there is no other way from one to the other.
    unsafeBitCast(keys .> cuts, to: SIMD4<Int32>.self)
  }

  /// A whole number whose order is that of the floats, one for both zeros; below all of them for a missing value.
  @inline(__always)
  static func key(_ value: Float) -> Int32 {
    let bits = Int32(bitPattern: (value + 0).bitPattern)
    return value.isNaN ? missing : bits ^ ((bits >> 31) & .max)
  }

  static let missing = Int32.min
}
