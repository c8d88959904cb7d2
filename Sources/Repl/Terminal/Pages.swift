import Primitives

/// Shows a long text a screen at a time.
struct Pages {
  private var rest: ArraySlice<Substring> = []

  var isEmpty: Bool { rest.isEmpty }

  /// What is shown of a text now; what does not fit is kept. `lines` missing: all of it.
  mutating func show(_ text: String, lines: Int?) -> String {
    rest = []
    guard let lines else { return text }
    var all = text.split(separator: "\n", omittingEmptySubsequences: false)
    if all.last?.isEmpty == true { all.removeLast() }
    // One line that is left is no more than the line that would say so.
    guard all.count > lines + 1 else { return text }
    rest = all[...]
    return next(lines: lines)
  }

  mutating func next(lines: Int) -> String {
    let shown = rest.prefix(lines)
    rest = rest.dropFirst(lines)
    let text = shown.map { $0 + "\n" }.joined()
    return rest.isEmpty
      ? text : text + "… \(Format.count(rest.count)) more lines (Enter shows them)\n"
  }
}
