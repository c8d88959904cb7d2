import Glibc

/// Brings columns of any unit to one scale: medians to 0, the middle half of the values to about ±0.7, far ones drawn in.
struct RobustScaling: Sendable, Equatable {
  private let centres: [Float]
  private let scales: [Float]

  init(_ table: NumericTable) {
    var centres = [Float](repeating: 0, count: table.columns)
    var scales = [Float](repeating: 1, count: table.columns)
    for column in 0..<table.columns {
      var values: [Float] = []
      for row in 0..<table.rows {
        let value = table.values[row * table.columns + column]
        if value.isFinite { values.append(value) }
      }
      if values.isEmpty { continue }
      values.sort()
      func quantile(_ share: Double) -> Float { values[Int(Double(values.count - 1) * share)] }
      centres[column] = quantile(0.5)
      // The middle half of a normal distribution is 1.349 deviations wide; where half of the values are equal, a wider
      // part of them has to do.
      for (low, high, width) in [(0.25, 0.75, 1.349), (0.05, 0.95, 3.29), (0.0, 1.0, 6.0)] {
        let scale = (Double(quantile(high)) - Double(quantile(low))) / width
        if scale > 0 {
          scales[column] = Float(min(scale, Double(Float.greatestFiniteMagnitude)))
          break
        }
      }
    }
    self.centres = centres
    self.scales = scales
  }

  /// NaN stays NaN; the inverse hyperbolic sine keeps small distances and draws large ones in like a logarithm.
  func scaled(_ value: Float, column: Int) -> Float {
    if value.isNaN { return .nan }
    let distance = (Double(value) - Double(centres[column])) / Double(scales[column])
    return Float(asinh(min(max(distance, -1e30), 1e30)))
  }
}
