/// Row by row, what each stage of an engine knows of its entity's samples before the row: where `RowUsuals` looks.
package final class SampleTable: @unchecked Sendable {
  // Unchecked for the same reason as `FeatureTable`: each cell is written by the one worker that owns the row's entity.

  /// Feature columns in the order in which they were asked for.
  package let columns: [Int]
  package let capacity: Int
  let stages: Int
  private let views: UnsafeMutablePointer<ProfileView>

  init(columns: [Int], capacity: Int, stages: Int) {
    self.columns = columns
    self.capacity = capacity
    self.stages = stages
    views = .allocate(capacity: max(1, stages * capacity))
    views.initialize(repeating: .none, count: max(1, stages * capacity))
  }

  deinit { views.deallocate() }

  @inline(__always)
  func setView(_ row: Int, _ stage: Int, _ view: ProfileView) { views[row * stages + stage] = view }

  func view(_ row: Int, _ stage: Int) -> ProfileView { views[row * stages + stage] }
}
