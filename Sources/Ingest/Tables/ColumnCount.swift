/// A row with more or fewer cells than the header.
enum ColumnCount {
  /// `1 column instead of 3`
  static func words(_ count: Int, insteadOf width: Int) -> String {
    "\(count) column\(count == 1 ? "" : "s") instead of \(width)"
  }
}
