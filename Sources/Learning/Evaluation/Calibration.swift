import Glibc

/// From a margin to a probability that means what it says; never falls as the margin rises.
package enum Calibration: Sendable, Equatable {
  /// 1 / (1 + e^−margin): what a logistic forest says of itself.
  case logistic
  /// 1 / (1 + e^−(slope · margin + offset)), for few rows (Platt, 1999).
  case platt(slope: Double, offset: Double)
  /// Straight lines between points with rising margins and probabilities, level outside (isotonic regression).
  case isotonic(margins: [Double], probabilities: [Double])

  /// Positives and negatives from which on the curve is free.
  private static let isotonicClass = 100

  /// Fits to rows that were not trained on: isotonic with at least 100 of both kinds, else Platt; the logistic where
  /// one kind is absent.
  package static func fit(margins: [Double], labels: [Bool]) -> Calibration {
    precondition(margins.count == labels.count, "every margin has a label")
    let positives = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
    let fewer = min(positives, labels.count - positives)
    if fewer == 0 { return .logistic }
    return fewer >= isotonicClass
      ? isotonic(margins, labels) : platt(margins, labels, positives: positives)
  }

  package func probability(_ margin: Double) -> Double {
    switch self {
    case .logistic: return Calibration.sigmoid(margin)
    case .platt(let slope, let offset): return Calibration.sigmoid(slope * margin + offset)
    case .isotonic(let margins, let probabilities):
      guard let last = margins.last, let top = probabilities.last else { return 0.5 }
      if margin >= last { return top }
      if !(margin > margins[0]) { return probabilities[0] }
      var low = 0
      var high = margins.count - 1
      while high - low > 1 {
        let middle = (low + high) / 2
        if margins[middle] <= margin { low = middle } else { high = middle }
      }
      let share = (margin - margins[low]) / (margins[high] - margins[low])
      let value = probabilities[low] + (probabilities[high] - probabilities[low]) * share
      return min(max(value, probabilities[low]), probabilities[high])
    }
  }

  /// The highest probability that any margin gets.
  package var greatest: Double {
    switch self {
    case .logistic: 1
    case .platt(let slope, let offset): slope > 0 ? 1 : Calibration.sigmoid(offset)
    case .isotonic(_, let probabilities): probabilities.last ?? 0.5
    }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  // MARK: fitting

  /// Pools neighbours that violate the order (Ayer et al., 1955); each block becomes a point at its mean margin.
  private static func isotonic(_ margins: [Double], _ labels: [Bool]) -> Calibration {
    struct Block {
      var rows: Double
      var positives: Double
      var marginSum: Double
      var lastMargin: Double
      var share: Double { positives / rows }
    }
    var blocks: [Block] = []
    for row in margins.indices.sorted(by: { margins[$0] < margins[$1] }) {
      let (margin, hit) = (margins[row], labels[row] ? 1.0 : 0)
      if let last = blocks.last, last.lastMargin == margin {
        blocks[blocks.count - 1].rows += 1
        blocks[blocks.count - 1].positives += hit
        blocks[blocks.count - 1].marginSum += margin
      } else {
        while blocks.count > 1, blocks[blocks.count - 2].share >= blocks[blocks.count - 1].share {
          pool(&blocks)
        }
        blocks.append(Block(rows: 1, positives: hit, marginSum: margin, lastMargin: margin))
      }
    }
    while blocks.count > 1, blocks[blocks.count - 2].share >= blocks[blocks.count - 1].share {
      pool(&blocks)
    }
    func pool(_ blocks: inout [Block]) {
      let upper = blocks.removeLast()
      blocks[blocks.count - 1].rows += upper.rows
      blocks[blocks.count - 1].positives += upper.positives
      blocks[blocks.count - 1].marginSum += upper.marginSum
      blocks[blocks.count - 1].lastMargin = upper.lastMargin
    }
    // No number of rows proves 0 or 1.
    let least = 1 / Double(margins.count + 2)
    var points: (margins: [Double], probabilities: [Double]) = ([], [])
    for block in blocks {
      let margin = block.marginSum / block.rows
      if let last = points.margins.last, margin <= last { continue }
      points.margins.append(margin)
      points.probabilities.append(min(max(block.share, least), 1 - least))
    }
    return .isotonic(margins: points.margins, probabilities: points.probabilities)
  }

  /// Newton's method with halving on Platt's smoothed targets (Lin, Lin and Weng, 2007).
  private static func platt(_ margins: [Double], _ labels: [Bool], positives: Int) -> Calibration {
    let negatives = labels.count - positives
    let high = (Double(positives) + 1) / (Double(positives) + 2)
    let low = 1 / (Double(negatives) + 2)
    let targets = labels.map { $0 ? high : low }
    func loss(_ a: Double, _ b: Double) -> Double {
      var sum = 0.0
      for (margin, target) in zip(margins, targets) {
        let f = a * margin + b
        sum += max(f, 0) + log1p(exp(-abs(f))) - target * f
      }
      return sum
    }
    var a = 0.0
    var b = log((Double(positives) + 1) / (Double(negatives) + 1))
    var value = loss(a, b)
    for _ in 0..<100 {
      var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
      for (margin, target) in zip(margins, targets) {
        let p = sigmoid(a * margin + b)
        let w = p * (1 - p)
        ga += (p - target) * margin
        gb += p - target
        haa += w * margin * margin
        hab += w * margin
        hbb += w
      }
      if abs(ga) < 1e-8 && abs(gb) < 1e-8 { break }
      let determinant = haa * hbb - hab * hab
      guard determinant > 0 else { break }
      let da = -(hbb * ga - hab * gb) / determinant
      let db = -(haa * gb - hab * ga) / determinant
      var step = 1.0
      var improved = false
      while step > 1e-10 {
        let next = loss(a + step * da, b + step * db)
        if next < value + 1e-4 * step * (ga * da + gb * db) {
          a += step * da
          b += step * db
          value = next
          improved = true
          break
        }
        step /= 2
      }
      if !improved { break }
    }
    // A falling curve would turn the ranking round: scores that say nothing get the base rate.
    if !(a > 0) || !a.isFinite || !b.isFinite {
      return .platt(slope: 0, offset: log(Double(positives) / Double(negatives)))
    }
    return .platt(slope: a, offset: b)
  }
}
