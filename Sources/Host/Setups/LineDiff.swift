/// What is otherwise in a text of lines, short enough for a screen.
enum LineDiff {
  /// Lines that differ before only their number is told: finding which ones they are takes the square of it.
  private static let mostCompared = 1000

  /// `@@ line 12` where lines differ, by their numbers in the old text; `-` before what went, `+` before what came.
  ///
  /// - Parameter most: lines that are given; what is left over is counted in one more.
  static func lines(from old: String, to new: String, most: Int = 40) -> [String] {
    let old = old.split(separator: "\n", omittingEmptySubsequences: false)
    let new = new.split(separator: "\n", omittingEmptySubsequences: false)
    let head = zip(old, new).prefix { $0 == $1 }.count
    let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed())
      .prefix { $0 == $1 }.count
    let (gone, come) = (old[head..<(old.count - tail)], new[head..<(new.count - tail)])
    if gone.isEmpty && come.isEmpty { return [] }
    if gone.count > mostCompared || come.count > mostCompared {
      return ["@@ line \(head + 1)", "\(gone.count) lines went, \(come.count) came"]
    }
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in Array(come).difference(from: Array(gone)) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    let all = merged(Array(gone), Array(come), removed, inserted, from: head)
    return all.count > most
      ? all.prefix(most) + ["… \(all.count - most) more lines differ"] : all
  }

  private static func merged(
    _ gone: [Substring], _ come: [Substring], _ removed: Set<Int>, _ inserted: Set<Int>,
    from head: Int
  ) -> [String] {
    var lines: [String] = []
    var (left, right) = (0, 0)
    var isOpen = false
    while left < gone.count || right < come.count {
      let line: String
      if left < gone.count && removed.contains(left) {
        line = "- \(gone[left])"
      } else if right < come.count && inserted.contains(right) {
        line = "+ \(come[right])"
      } else {
        left += 1
        right += 1
        isOpen = false
        continue
      }
      if !isOpen { lines.append("@@ line \(head + left + 1)") }
      isOpen = true
      lines.append(line)
      if line.hasPrefix("-") { left += 1 } else { right += 1 }
    }
    return lines
  }
}
