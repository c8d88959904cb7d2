import Primitives

/// Numbers as a line of blocks, each as high as its number; and bars beside numbers.
enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// At most `width` blocks: where there are more numbers, each block is the largest of its share.
  static func line(_ numbers: [Double], width: Int) -> String {
    let shown = reduced(numbers.filter(\.isFinite), to: max(1, width))
    guard let low = shown.min(), let high = shown.max() else { return "" }
    // From zero up where all are positive, so that a height is an amount.
    let floor = min(low, 0)
    let range = high - floor
    return String(
      shown.map { number in
        guard range > 0, range.isFinite else { return blocks[0] }
        let step = Int(((number - floor) / range * 7).rounded())
        return blocks[min(7, max(0, step))]
      })
  }

  private static func reduced(_ numbers: [Double], to width: Int) -> [Double] {
    guard numbers.count > width else { return numbers }
    return (0..<width).map { index in
      let from = index * numbers.count / width
      let to = max(from + 1, (index + 1) * numbers.count / width)
      return numbers[from..<to].max() ?? 0
    }
  }

  /// A bar of a share of the width, to an eighth of a column.
  static func bar(_ share: Double, width: Int) -> String {
    let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    guard share > 0, share.isFinite else { return "" }
    let filled = max(1, Int((min(1, share) * Double(width * 8)).rounded()))
    return String(repeating: "█", count: filled / 8) + eighths[filled % 8]
  }
}
