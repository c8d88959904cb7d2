import Glibc

/// Makes scores of any meaning comparable: how many decimal places rare a score is among reference rows.
///
/// 1 for the highest tenth, 2 for the highest hundredth and so on, by the rank among the reference; between two reference
/// scores by their distance, above all of them along the slope of the last tenth, so that nothing ties that the
/// score tells apart.
package struct RankScale: Sendable, Equatable {
  private static let mostKnots = 512

  /// Ascending scores with the rarity of each.
  private var knots: [(score: Double, rarity: Double)] = []
  private var slope = 0.0

  /// - Parameter reference: at least one score; none is NaN.
  package init(_ reference: [Double]) {
    precondition(!reference.isEmpty, "a scale needs a score to rank by")
    precondition(!reference.contains { $0.isNaN }, "a score is never NaN")
    let sorted = reference.sorted()
    let count = sorted.count
    // Ranks from the top, ever further apart: 1, 2, 3 … and then by a fiftieth of themselves.
    var above = 1
    var picked: [(Double, Double)] = []
    while above <= count && picked.count < RankScale.mostKnots {
      let score = sorted[count - above]
      let rarity = -log10(Double(above) / Double(count + 1))
      if picked.last?.0 == score { picked.removeLast() }
      picked.append((score, rarity))
      above += max(1, above / 50)
    }
    if let lowest = sorted.first, picked.last?.0 != lowest { picked.append((lowest, 0)) }
    knots = picked.reversed().map { (score: $0.0, rarity: $0.1) }
    let top = knots[knots.count - 1]
    let tenth = knots.last { $0.rarity <= top.rarity - 1 } ?? knots[0]
    slope = top.score > tenth.score ? (top.rarity - tenth.rarity) / (top.score - tenth.score) : 1
  }

  package func rarity(_ score: Double) -> Double {
    let top = knots[knots.count - 1]
    if score >= top.score { return top.rarity + min(slope * (score - top.score), 3) }
    if score <= knots[0].score { return 0 }
    var low = 0
    var high = knots.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if knots[middle].score <= score { low = middle } else { high = middle }
    }
    let (a, b) = (knots[low], knots[high])
    return a.rarity + (b.rarity - a.rarity) * (score - a.score) / (b.score - a.score)
  }

  package static func == (a: RankScale, b: RankScale) -> Bool {
    a.slope == b.slope && a.knots.elementsEqual(b.knots) { $0 == $1 }
  }
}
