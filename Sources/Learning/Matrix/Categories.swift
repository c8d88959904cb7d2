/// Which categories of a column are told apart, chosen from the rows that are learned from.
///
/// A category has a place of its own where it comes in at least `leastRows` of these rows, the most frequent first, as many
/// as there are bins. A rarer one, and one that training never saw, counts as missing: what a split says of missing
/// values it says of them, so that a new category is treated as rare ones were.
package enum Categories {
  package static let leastRows = 10

  /// By column, from the most to the least frequent; of equals the first in the table's order.
  package static func chosen(from table: NumericTable, bins: Int) -> [[String]] {
    table.categories.enumerated().map { column, words in
      if words.isEmpty { return [] }
      var counts = [Int](repeating: 0, count: words.count)
      for row in 0..<table.rows {
        let value = table.values[row * table.columns + column]
        if !value.isNaN { counts[Int(value)] += 1 }
      }
      return words.indices.filter { counts[$0] >= leastRows }
        .sorted { (counts[$1], $0) < (counts[$0], $1) }
        .prefix(bins - 1).map { words[$0] }
    }
  }
}

extension NumericTable {
  /// The table with its categories at the places that `wanted` gives them; any other counts as missing.
  package func recoded(to wanted: [[String]]) -> NumericTable {
    if categories.isEmpty || categories == wanted { return self }
    var moved = values
    for column in 0..<columns where isCategorical(column) {
      let places = Dictionary(
        (wanted.isEmpty ? [] : wanted[column]).enumerated().map { ($0.element, Float($0.offset)) },
        uniquingKeysWith: { first, _ in first })
      let codes = categories[column].map { places[$0] ?? .nan }
      for row in 0..<rows {
        let value = values[row * columns + column]
        if !value.isNaN { moved[row * columns + column] = codes[Int(value)] }
      }
    }
    return replacing(values: moved, categories: wanted)
  }
}
