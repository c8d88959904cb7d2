/// Which fields of a CSV record become what, once its header is known.
struct CSVLayout {
  /// In the order of the record's fields.
  var columns: [(field: Int, action: Int)] = []
  /// Texts made of several fields.
  var combined: [(slot: Int, fields: [Int])] = []
  /// How many fields a record has.
  var width = 0

  init() {}

  init(header names: [String], plan: RowPlan) {
    width = names.count
    for (field, name) in names.enumerated() {
      guard let place = plan.names.firstIndex(of: name) else { continue }
      for action in plan.ranges[place] { columns.append((field, action)) }
    }
    combined = plan.combinations.filter { names.contains($0.columns[0]) }.map { combination in
      (combination.slot, combination.columns.compactMap { names.firstIndex(of: $0) })
    }
  }
}
