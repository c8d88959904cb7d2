/// Splits of a feature without order: categories are sorted by the leaf value that each asks for, and then cut in two
/// like numbers.
///
/// Among all ways to part the categories the best one is such a cut (Fisher, "On Grouping for Maximum Homogeneity", 1958; as
/// in LightGBM and XGBoost). So it finds a pattern in any noise, the more the more categories there are: each asks
/// with the `categoryPenalty` on top of λ, so that few rows ask for little, and both sides are judged with it too.
extension SplitFinder {
  func scanCategories(
    _ bins: UnsafePointer<GradientSums>, count: Int, column: Int, total: GradientSums,
    parentScore: Double, bounds: LeafBounds, into best: inout SplitCandidate
  ) {
    let penalty = lambda + categoryPenalty
    withUnsafeTemporaryAllocation(of: GradientSums.self, capacity: count) { sorted in
      let order = (1..<count).filter { bins[$0] != 0 }
        .map { bin in
          let sums = bins[bin]
          let weight = Double(sums.hessian) * hessianStep + penalty
          return (bin: bin, value: sums.gradient * gradientStep / max(weight, 1e-30))
        }
        .sorted { ($0.value, $0.bin) < ($1.value, $1.bin) }
      guard let start = sorted.baseAddress else { return }
      start.initialize(to: bins[0])
      for (place, entry) in order.enumerated() {
        (start + place + 1).initialize(to: bins[entry.bin])
      }
      var found = SplitCandidate()
      found.gain = best.gain
      scan(start, order.count + 1, column, total, true, &found) {
        isBounded
          ? gain($0, total, bounds, .free, penalty: penalty)
          : gain($0, total, parentScore, penalty: penalty)
      }
      if found.column < 0 { return }
      // Categories that no row of the node has go where missing values go.
      var left = BinSet()
      let present = Set(order.map(\.bin))
      for entry in order.prefix(found.bin) { left.insert(entry.bin) }
      if found.missingLeft {
        left.insert(0)
        for bin in 1..<256 where !present.contains(bin) { left.insert(bin) }
      }
      found.leftBins = left
      best = found
    }
  }
}
