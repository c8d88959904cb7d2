/// Sums of derivatives in the steps of `Gradients`: the first in the upper half, the second in the lower.
typealias GradientSums = Int64

extension GradientSums {
  @inline(__always) var gradient: Double { Double(self >> 32) }
  @inline(__always) var hessian: Int64 { self & 0xFFFF_FFFF }
}

/// The best way found to split a node, or a part of its features.
struct SplitCandidate {
  /// How much the loss falls; not above 0 where there is no split.
  var gain = 0.0
  var column = -1
  /// Present values up to this bin go left.
  var bin = 0
  var missingLeft = false
  var left: GradientSums = 0
  /// Of a split on categories, the bins that go left; `bin` says nothing then.
  var leftBins: BinSet?
}

/// Some of the 256 bins of a feature.
struct BinSet {
  private var words = SIMD4<UInt64>.zero

  mutating func insert(_ bin: Int) { words[bin >> 6] |= 1 << UInt64(bin & 63) }
  func contains(_ bin: Int) -> Bool { words[bin >> 6] & (1 << UInt64(bin & 63)) != 0 }
}

/// Between which margins the leaves below a node must lie, so that monotone features stay so.
struct LeafBounds {
  var lower = -Double.infinity
  var upper = Double.infinity

  func clamped(_ weight: Double) -> Double { min(max(weight, lower), upper) }
}

/// Looks for the split that reduces the second-order approximation of the loss most (Chen and Guestrin, "XGBoost",
/// 2016, equation 7, with an absolute penalty as in its code).
struct SplitFinder {
  let lambda: Double
  let alpha: Double
  let minChildWeight: Double
  let gradientStep: Double
  let hessianStep: Double
  /// The least second derivative in a child, in steps.
  private let leastHessian: Int64
  /// Empty where all features are free.
  private let monotony: [Monotony]
  /// Added to the squared penalty where a split on categories is judged.
  let categoryPenalty: Double

  init(_ options: BoostingOptions, _ gradients: Gradients) {
    lambda = options.lambda
    alpha = options.alpha
    minChildWeight = options.minChildWeight
    categoryPenalty = options.categoryPenalty
    monotony = options.monotony.contains { $0 != .free } ? options.monotony : []
    gradientStep = gradients.gradientStep
    hessianStep = gradients.hessianStep
    let steps = (options.minChildWeight / gradients.hessianStep).rounded(.up)
    leastHessian = steps < 0x1p62 ? Int64(steps) : .max
  }

  /// Gains below this are rounding.
  static let leastGain = 1e-6

  /// The quality of a leaf with these sums: twice the loss that it takes away.
  @inline(__always)
  func score(_ sums: GradientSums) -> Double {
    let g = shrunk(sums.gradient * gradientStep)
    return g * g / (Double(sums.hessian) * hessianStep + lambda)
  }

  /// The value of a leaf with these sums, before the learning rate.
  func weight(_ sums: GradientSums) -> Double { weight(sums, penalty: lambda) }

  private func weight(_ sums: GradientSums, penalty: Double) -> Double {
    let denominator = Double(sums.hessian) * hessianStep + penalty
    return denominator > 0 ? -shrunk(sums.gradient * gradientStep) / denominator : 0
  }

  func cover(_ sums: GradientSums) -> Float { Float(Double(sums.hessian) * hessianStep) }

  @inline(__always)
  private func shrunk(_ g: Double) -> Double {
    if alpha == 0 { return g }
    return g > alpha ? g - alpha : (g < -alpha ? g + alpha : 0)
  }

  /// What a split gains; both children at once. 0 where one is too light.
  @inline(__always)
  func gain(
    _ left: GradientSums, _ total: GradientSums, _ parentScore: Double, penalty: Double
  ) -> Double {
    let right = total &- left
    if min(left.hessian, right.hessian) < leastHessian || left == 0 || right == 0 { return 0 }
    let g = SIMD2(
      shrunk(left.gradient * gradientStep), shrunk(right.gradient * gradientStep))
    let h = SIMD2(Double(left.hessian), Double(right.hessian)) * hessianStep + penalty
    let scores = g * g / h
    return scores.x + scores.y - parentScore
  }

  /// Whether the leaves of some node may be bounded.
  var isBounded: Bool { !monotony.isEmpty }

  /// What a split gains where leaves are bounded: by the values that both leaves may take. `penalty` judges the sides.
  func gain(
    _ left: GradientSums, _ total: GradientSums, _ bounds: LeafBounds, _ monotony: Monotony,
    penalty: Double
  ) -> Double {
    let right = total &- left
    if min(left.hessian, right.hessian) < leastHessian || left == 0 || right == 0 { return 0 }
    let weights = (
      bounds.clamped(weight(left, penalty: penalty)),
      bounds.clamped(weight(right, penalty: penalty))
    )
    if (weights.1 - weights.0) * Double(monotony.rawValue) < 0 { return 0 }
    return reduction(left, weights.0, penalty) + reduction(right, weights.1, penalty)
      - reduction(total, bounds.clamped(weight(total)), lambda)
  }

  /// Twice the loss that a leaf of this value takes away.
  private func reduction(_ sums: GradientSums, _ weight: Double, _ penalty: Double) -> Double {
    let g = sums.gradient * gradientStep
    let h = Double(sums.hessian) * hessianStep + penalty
    return -(2 * g * weight + h * weight * weight + 2 * alpha * abs(weight))
  }

  /// What the leaves below the two sides of a split are bounded by.
  func bounds(
    _ split: SplitCandidate, _ total: GradientSums, _ bounds: LeafBounds
  ) -> (left: LeafBounds, right: LeafBounds) {
    let way = monotony.isEmpty ? .free : monotony[split.column]
    if way == .free { return (bounds, bounds) }
    let border =
      (bounds.clamped(weight(split.left)) + bounds.clamped(weight(total &- split.left))) / 2
    let below = LeafBounds(lower: bounds.lower, upper: border)
    let above = LeafBounds(lower: border, upper: bounds.upper)
    return way == .rising ? (below, above) : (above, below)
  }

  /// Tries every bin border of one feature, with missing values on either side; keeps the first of equal gains.
  ///
  /// `bins` begins with the missing bin. Where `splitsPresence`, all present values against the missing ones counts.
  @inline(__always)
  func scan(
    _ bins: UnsafePointer<GradientSums>, count: Int, column: Int, total: GradientSums,
    parentScore: Double, bounds: LeafBounds, splitsPresence: Bool, into best: inout SplitCandidate
  ) {
    if !monotony.isEmpty {
      let way = monotony[column]
      scan(bins, count, column, total, splitsPresence, &best) {
        gain($0, total, bounds, way, penalty: lambda)
      }
    } else {
      scan(bins, count, column, total, splitsPresence, &best) {
        gain($0, total, parentScore, penalty: lambda)
      }
    }
  }

  @inline(__always)
  func scan(
    _ bins: UnsafePointer<GradientSums>, _ count: Int, _ column: Int, _ total: GradientSums,
    _ splitsPresence: Bool, _ best: inout SplitCandidate, _ gain: (GradientSums) -> Double
  ) {
    let missing = bins[0]
    let hasMissing = missing != 0
    var present: GradientSums = 0
    let last = hasMissing && splitsPresence ? count &- 1 : count &- 2
    if last < 1 { return }
    var bin = 1
    while bin <= last {
      let sums = bins[bin]
      present &+= sums
      if sums == 0 {
        bin &+= 1
        continue
      }
      let value = gain(present)
      if value > best.gain {
        // Where training saw nothing missing, a missing value later goes with the heavier side.
        let missingLeft = !hasMissing && present.hessian >= (total &- present).hessian
        best = SplitCandidate(
          gain: value, column: column, bin: bin, missingLeft: missingLeft, left: present)
      }
      if hasMissing && bin < count &- 1 {
        let left = present &+ missing
        let value = gain(left)
        if value > best.gain {
          best = SplitCandidate(
            gain: value, column: column, bin: bin, missingLeft: true, left: left)
        }
      } else if (total &- present).hessian < leastHessian {
        return
      }
      bin &+= 1
    }
  }
}
