/// What is remembered of the most recently touched keys; above the capacity the quarter touched longest ago is
/// forgotten at once, so that forgetting costs little per key. The order of touches alone decides, not the clock.
struct RecentMemory<Content: Sendable>: Sendable {
  private struct Entry: Sendable {
    var content: Content
    var touched: UInt64
  }

  private var entries: [CaseKey: Entry] = [:]
  private var touches: UInt64 = 0
  let capacity: Int

  init(capacity: Int) {
    precondition(capacity >= 4, "a memory holds at least four keys")
    self.capacity = capacity
  }

  var count: Int { entries.count }

  /// Setting touches the key; reading does not.
  subscript(key: CaseKey) -> Content? {
    get { entries[key]?.content }
    set {
      guard let newValue else {
        entries[key] = nil
        return
      }
      touches += 1
      entries[key] = Entry(content: newValue, touched: touches)
      if entries.count > capacity { forgetOldest() }
    }
  }

  private mutating func forgetOldest() {
    let order = entries.values.map(\.touched).sorted()
    let limit = order[order.count / 4]
    entries = entries.filter { $0.value.touched >= limit }
  }

  /// All keys with their contents, the one touched longest ago first.
  var oldestFirst: [(key: CaseKey, content: Content)] {
    entries.sorted { $0.value.touched < $1.value.touched }.map { ($0.key, $0.value.content) }
  }
}
