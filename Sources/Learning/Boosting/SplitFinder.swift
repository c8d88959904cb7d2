/// Sums of first and second derivatives, in the steps of `Gradients`; x is the first, y the second.
typealias GradientSums = SIMD2<Int64>

/// The best way found to split a node, or a part of its features.
struct SplitCandidate {
  /// How much the loss falls; not above 0 where there is no split.
  var gain = 0.0
  var column = -1
  /// Present values up to this bin go left.
  var bin = 0
  var missingLeft = false
  var left = GradientSums.zero
}

/// Looks for the split that reduces the second-order approximation of the loss most (Chen and Guestrin, "XGBoost",
/// 2016, equation 7, with an absolute penalty as in its code).
struct SplitFinder {
  let lambda: Double
  let alpha: Double
  let minChildWeight: Double
  let gradientStep: Double
  let hessianStep: Double

  /// Gains below this are rounding.
  static let leastGain = 1e-6

  /// The quality of a leaf with these sums: twice the loss that it takes away.
  @inline(__always)
  func score(_ sums: GradientSums) -> Double {
    let g = shrunk(Double(sums.x) * gradientStep)
    return g * g / (Double(sums.y) * hessianStep + lambda)
  }

  /// The value of a leaf with these sums, before the learning rate.
  func weight(_ sums: GradientSums) -> Double {
    let denominator = Double(sums.y) * hessianStep + lambda
    return denominator > 0 ? -shrunk(Double(sums.x) * gradientStep) / denominator : 0
  }

  @inline(__always)
  private func shrunk(_ g: Double) -> Double {
    if alpha == 0 { return g }
    return g > alpha ? g - alpha : (g < -alpha ? g + alpha : 0)
  }

  /// Tries every bin border of one feature, with missing values on either side; keeps the first of equal gains.
  ///
  /// `bins` begins with the missing bin. Where `splitsPresence`, all present values against the missing ones counts.
  @inline(__always)
  func scan(
    _ bins: UnsafePointer<GradientSums>, count: Int, column: Int, total: GradientSums,
    parentScore: Double, splitsPresence: Bool, into best: inout SplitCandidate
  ) {
    let missing = bins[0]
    let hasMissing = missing != .zero
    let leastHessian = minChildWeight / hessianStep
    var present = GradientSums.zero
    let last = hasMissing && splitsPresence ? count - 1 : count - 2
    if last < 1 { return }
    for bin in 1...last {
      let sums = bins[bin]
      if sums == .zero { continue }
      present &+= sums
      let right = total &- present
      if Double(present.y) >= leastHessian && Double(right.y) >= leastHessian && right != .zero {
        let gain = score(present) + score(right) - parentScore
        if gain > best.gain {
          // Where training saw nothing missing, a missing value later goes with the heavier side.
          let missingLeft = !hasMissing && present.y >= right.y
          best = SplitCandidate(
            gain: gain, column: column, bin: bin, missingLeft: missingLeft, left: present)
        }
      }
      if hasMissing && bin < count - 1 {
        let left = present &+ missing
        let right = total &- left
        if Double(left.y) >= leastHessian && Double(right.y) >= leastHessian && right != .zero {
          let gain = score(left) + score(right) - parentScore
          if gain > best.gain {
            best = SplitCandidate(
              gain: gain, column: column, bin: bin, missingLeft: true, left: left)
          }
        }
      }
    }
  }
}
