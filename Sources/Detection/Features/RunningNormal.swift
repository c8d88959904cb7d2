/// What is normal for one entity in one column: a center and a spread that an attack moves only slowly.
///
/// Constant memory. With n values so far, step a = max(1 / (n + 1), 1 / 64) and r = x − center:
/// from the fifth value on, r is cut to ± 3 · max(spread, |center| / 1000, 1e-9); then center += a · r and
/// spread += a · (1.2533 · |r| − spread), where 1.2533 = √(π / 2) makes the mean absolute residual of a normal
/// distribution its standard deviation. After warming up, one outlier of any size moves the center by at most 3 / 64 of a
/// spread and widens the spread by at most 4.4 %. Kept in single precision.
struct RunningNormal {
  var center: Float = 0
  var spread: Float = 0
  var count: UInt32 = 0

  /// Values below this number say nothing about what is normal.
  static let shortestHistory: UInt32 = 8
  private static let slowest: Float = 1 / 64

  mutating func update(_ value: Double) {
    let x = Float(value)
    if !x.isFinite { return }
    let step = max(1 / Float(count &+ 1), RunningNormal.slowest)
    var residual = x - center
    if count >= 4 {
      let limit = 3 * max(spread, abs(center) / 1000, 1e-9)
      residual = min(max(residual, -limit), limit)
    }
    if count == 0 {
      center = x
    } else {
      center += step * residual
      spread += step * (1.2533 * abs(residual) - spread)
    }
    if !center.isFinite || !spread.isFinite {
      center = x
      spread = 0
    }
    if count < .max { count += 1 }
  }
}

/// Row by row, what was normal for the event's entity before it, for the columns that were asked for.
///
/// Missing (NaN) below 8 earlier values, for an event without that entity, and for a late event: the state has already
/// moved past it, and a value that has seen later events would not be honest.
package final class NormalTable: @unchecked Sendable {
  // Unchecked for the same reason as `FeatureTable`: each cell is written by the one worker that owns the row's entity.
  package struct Normal: Hashable, Sendable {
    package var center: Double
    package var spread: Double
    package var count: Int
  }

  /// Feature columns in the order in which they were asked for.
  package let columns: [Int]
  package let capacity: Int
  /// Stages of the engine whose samples rows may look at; 0 where nobody will ask what is usual.
  let stages: Int
  private let cells: UnsafeMutablePointer<RunningNormal>
  private let views: UnsafeMutablePointer<ProfileView>

  package convenience init(columns: [Int], capacity: Int = EventBatch.standardCapacity) {
    self.init(columns: columns, capacity: capacity, stages: 0)
  }

  init(columns: [Int], capacity: Int, stages: Int) {
    self.columns = columns
    self.capacity = capacity
    self.stages = stages
    views = .allocate(capacity: max(1, stages * capacity))
    views.initialize(repeating: .none, count: max(1, stages * capacity))
    cells = .allocate(capacity: max(1, columns.count * capacity))
    cells.initialize(repeating: RunningNormal(), count: max(1, columns.count * capacity))
  }

  deinit {
    cells.deallocate()
    views.deallocate()
  }

  /// What was normal, by position in `columns`; missing where too little was known.
  package subscript(row: Int, position: Int) -> Normal? {
    let cell = cells[row * columns.count + position]
    if cell.count < RunningNormal.shortestHistory { return nil }
    return Normal(
      center: Double(cell.center), spread: Double(cell.spread), count: Int(cell.count))
  }

  @inline(__always)
  func set(_ row: Int, _ position: Int, _ normal: RunningNormal) {
    cells[row * columns.count + position] = normal
  }

  @inline(__always)
  func setView(_ row: Int, _ stage: Int, _ view: ProfileView) {
    if stages > 0 { views[row * stages + stage] = view }
  }

  func view(_ row: Int, _ stage: Int) -> ProfileView { views[row * stages + stage] }
}
