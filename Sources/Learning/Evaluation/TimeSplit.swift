package import Primitives

/// Which rows train, which choose (validation) and which judge (test): by time, in that order.
///
/// Rows of one incident never stand on two sides: an incident that a border would cut goes to the later side whole,
/// so nothing is known before its time.
package struct TimeSplit: Sendable, Equatable {
  package var train: [Int]
  package var validation: [Int]
  package var test: [Int]
  /// From where on rows choose, from where on they judge, and where all end. An incident that begins earlier does not
  /// widen the part that it belongs to: these are the times that budgets by the day go by.
  package private(set) var validationFrom: Timestamp
  package private(set) var testFrom: Timestamp
  package private(set) var end: Timestamp

  /// Splits rows at `border`: train and validation before it, test from it on; validation is the last `share` of the
  /// rows before. `incidents` names the incident of a row, where it belongs to one. Rows of one instant stand in the
  /// order of their `keys`, so that a split does not depend on the order in which files were given; without keys, in
  /// the order of the rows.
  package init(
    times: [Timestamp], keys: [UInt64]? = nil, incidents: [Int?]? = nil, border: Timestamp,
    validationShare share: Double
  ) {
    precondition(keys == nil || keys?.count == times.count, "every row has a key")
    precondition(incidents == nil || incidents?.count == times.count, "every row has an incident")
    precondition(share >= 0 && share < 1, "validation is a share of the rows before the border")
    train = []
    validation = []
    test = []
    var latest: [Int: Timestamp] = [:]
    for (row, time) in times.enumerated() {
      if let incident = incidents?[row] {
        latest[incident] = max(latest[incident] ?? .distantPast, time)
      }
    }
    let early = times.filter { $0 < border }.sorted()
    let inner: Timestamp
    if share == 0 || early.isEmpty {
      inner = border
    } else {
      inner = early[min(early.count - 1, Int(Double(early.count) * (1 - share)))]
    }
    end = times.max() ?? border
    validationFrom = inner
    testFrom = min(border, end)
    let order =
      keys.map { keys in
        times.indices.sorted { (times[$0], keys[$0], $0) < (times[$1], keys[$1], $1) }
      } ?? times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    for row in order {
      let end = incidents?[row].flatMap { latest[$0] } ?? times[row]
      if end >= border {
        test.append(row)
      } else if end >= inner {
        validation.append(row)
      } else {
        train.append(row)
      }
    }
  }

  /// The border that leaves the last `share` of the rows to the test.
  package static func border(times: [Timestamp], testShare share: Double) -> Timestamp {
    precondition(share > 0 && share < 1, "the test is a share of the rows")
    if times.isEmpty { return .distantFuture }
    let sorted = times.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * (1 - share)))]
  }
}
