import Primitives

/// Rows and columns as text, fitted to the width of a terminal.
///
/// Where the rows are too wide, columns of little importance are left out, the least important first; then the widest
/// text columns give way and are cut with `…`. What names a row (importance 9) and columns of numbers are cut only when
/// nothing else is left. Cell text may come from outside: it is made safe here.
package struct TextTable: Sendable {
  package enum Alignment: Sendable { case leading, trailing }

  package struct Column: Sendable {
    package var title: String
    package var alignment: Alignment
    /// From 0, left out first where room is short, to 9, always there and whole.
    package var importance: Int

    package static let always = 9

    package init(_ title: String, _ alignment: Alignment = .leading, importance: Int = 8) {
      self.title = safe(title)
      self.alignment = alignment
      self.importance = importance
    }
  }

  package struct Cell: Sendable, ExpressibleByStringInterpolation {
    package var text: String
    package var style: Style?

    package init(_ text: String, _ style: Style? = nil) {
      self.text = safe(text)
      self.style = style
    }
    package init(stringLiteral value: String) { self.init(value) }
  }

  package let columns: [Column]
  package private(set) var rows: [[Cell]] = []

  package init(_ columns: [Column]) { self.columns = columns }

  package mutating func append(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row has one cell a column")
    rows.append(row)
  }

  /// The title line and one line a row, each ended by a newline; `width` missing: nothing is cut.
  package func rendered(width: Int?, paint: Paint = .none) -> String {
    var widths = columns.map { displayWidth($0.title) }
    for row in rows {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], displayWidth(cell.text))
      }
    }
    let shown = width.map { chosen(widths, for: $0) } ?? Array(columns.indices)
    if shown.count < columns.count {
      var narrower = TextTable(shown.map { columns[$0] })
      for row in rows { narrower.append(shown.map { row[$0] }) }
      return narrower.rendered(width: width, paint: paint)
    }
    if let width { fit(&widths, to: width) }
    var result = line(columns.map { Cell($0.title, .bold) }, widths, paint)
    for row in rows { result += line(row, widths, paint) }
    return result
  }

  /// The columns for which there is room when texts are cut to a readable length.
  private func chosen(_ widths: [Int], for width: Int) -> [Int] {
    let readable = 16
    var shown = Array(columns.indices)
    func needed() -> Int {
      shown.reduce(gap.count * (shown.count - 1)) { sum, index in
        let isCut =
          columns[index].alignment == .leading
          && columns[index].importance < Column.always
        return sum + (isCut ? min(widths[index], readable) : widths[index])
      }
    }
    while shown.count > 1 && needed() > width {
      let least = shown.min {
        (columns[$0].importance, -$0) < (columns[$1].importance, -$1)
      }
      guard let least, columns[least].importance < 8 else { break }
      shown.removeAll { $0 == least }
    }
    return shown
  }

  private func fit(_ widths: inout [Int], to width: Int) {
    let available = width - gap.count * (widths.count - 1)
    let texts = widths.indices.filter {
      columns[$0].alignment == .leading && columns[$0].importance < Column.always
    }
    shrink(&widths, texts, downTo: 8, available)
    shrink(&widths, texts, downTo: 3, available)
    shrink(&widths, Array(widths.indices), downTo: 1, available)
  }

  /// Caps the candidates at the largest common width with which the row fits, or at the floor.
  private func shrink(
    _ widths: inout [Int], _ candidates: [Int], downTo floor: Int, _ available: Int
  ) {
    func total(cappedAt cap: Int) -> Int {
      widths.indices.reduce(0) {
        $0 + (candidates.contains($1) ? min(widths[$1], cap) : widths[$1])
      }
    }
    guard total(cappedAt: .max) > available else { return }
    var cap = floor
    var tooWide = candidates.map { widths[$0] }.max() ?? floor
    while cap + 1 < tooWide {
      let middle = cap + (tooWide - cap) / 2
      if total(cappedAt: middle) <= available { cap = middle } else { tooWide = middle }
    }
    // What is left over is less than a column for each that was cut.
    var spare = max(0, available - total(cappedAt: cap))
    for index in candidates where widths[index] > cap {
      widths[index] = cap + (spare > 0 ? 1 : 0)
      spare = max(0, spare - 1)
    }
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ paint: Paint) -> String {
    var result = ""
    var pending = ""
    for (index, cell) in cells.enumerated() {
      let text = truncated(cell.text, to: widths[index])
      let padding = String(repeating: " ", count: max(0, widths[index] - displayWidth(text)))
      if columns[index].alignment == .trailing { pending += padding }
      if !text.isEmpty {
        result += pending + paint(text, cell.style)
        pending = ""
      }
      // Spaces are written only before the next text: no line ends in them.
      if columns[index].alignment == .leading { pending += padding }
      pending += gap
    }
    return result + "\n"
  }

  private var gap: String { "  " }
}
