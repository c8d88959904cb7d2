import Primitives

/// Hands the values of JSON lines to rows, each to the actions of its path.
final class JSONLines {
  private let reader: JSONPathReader
  /// Per path, its actions.
  private let ranges: UnsafeMutableBufferPointer<Range<Int>>

  init(plan: RowPlan) {
    reader = JSONPathReader(
      zip(plan.names, plan.ranges).map { name, range in
        (name, range.contains { plan.actions[$0].role == .number })
      })
    ranges = .allocate(capacity: plan.ranges.count)
    _ = ranges.initialize(from: plan.ranges)
  }

  deinit { ranges.deallocate() }

  /// The line must be UTF-8; its bytes must stay until the row is finished. Of a key that stands twice the last value counts.
  func decode(
    _ line: UnsafeBufferPointer<UInt8>, into row: RowAssembler
  ) throws(JSONProblem) {
    let count = try reader.read(line)
    let fields = reader.fields
    for place in 0..<count {
      let field = fields + place
      for action in ranges[Int(field.pointee.path)] {
        if field.pointee.isNumber {
          row.take(number: field.pointee.number, field.pointee.bytes, action: action)
        } else {
          row.take(field.pointee.bytes, action: action)
        }
      }
    }
  }
}
