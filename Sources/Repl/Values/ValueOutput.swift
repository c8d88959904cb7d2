import Console
import Primitives
import Scripting

/// The values that an expression gave, in any of the modes, to the screen or to a file.
struct ValueOutput {
  var session: ReplSession
  var view: ValueView

  /// Rows of a list that a screen is given.
  private static let rows = 1000

  /// As one text, in which a long list is cut: for a screen.
  func text(_ count: Int, _ mode: OutputMode) throws(ScriptError) -> String {
    var text = ""
    for index in 1...max(1, count) where index <= count {
      let value = try session.shown(index, rows: ValueOutput.rows)
      text += ValueOutput.rendered(value, mode) ?? view.text(value)
      if mode != .table, let table = value.table, table.length > table.list.count {
        text +=
          "-- \(Format.count(table.length - table.list.count)) more: write it to a file with > rows.\(mode.rawValue)\n"
      }
    }
    return text
  }

  /// All of it, however long, given piece by piece: for a file or a pipe.
  func write(_ count: Int, _ mode: OutputMode, to write: (String) throws -> Void) throws {
    for index in 1...max(1, count) where index <= count {
      var piece = 0
      let columns = mode == .csv ? try columns(of: index) : nil
      try session.each(index) { value, isPiece in
        defer { piece += 1 }
        guard isPiece, mode != .table, let list = value.table?.list else {
          return try write(ValueOutput.rendered(value, mode) ?? view.text(value))
        }
        switch mode {
        case .csv:
          let names = columns ?? ValueOutput.columns(list)
          if piece == 0 { try write(CSVText.line(names.map(JSONValue.text))) }
          try write(ValueOutput.csvRows(list, names))
        case .json:
          let rows = list.map { $0.json.serialized() }.joined(separator: ",\n")
          try write((piece == 0 ? "[\n" : ",\n") + rows)
        default:
          try write((piece == 0 ? "{\n" : "") + list.map { $0.lua + ",\n" }.joined())
        }
      }
      if piece > 1 && mode == .json { try write("\n]\n") }
      if piece > 1 && mode == .lua { try write("}\n") }
    }
  }

  /// The keys of all rows of a list that comes in pieces: a later row may have more than the first ones.
  private func columns(of index: Int) throws -> [String]? {
    var names: [String] = []
    var known: Set<String> = []
    var isList = false
    try session.each(index) { value, isPiece in
      guard isPiece, let list = value.table?.list else { return }
      isList = true
      for name in ValueOutput.columns(list) where known.insert(name).inserted {
        names.append(name)
      }
    }
    return isList ? names : nil
  }

  /// Missing where the value is to be drawn.
  private static func rendered(_ value: ScriptValue, _ mode: OutputMode) -> String? {
    if value.isNil { return "" }
    switch mode {
    case .table: return nil
    case .json: return value.json.serialized(.indented) + "\n"
    case .lua: return value.lua + "\n"
    case .csv: return csv(value)
    }
  }

  private static func csv(_ value: ScriptValue) -> String {
    guard let table = value.table else {
      return CSVText.line([.text("value")]) + CSVText.line([value.json])
    }
    var rows = table.list.isEmpty && !table.members.isEmpty ? [value] : table.list
    // What was drawn, such as a queue or a series, has its rows in its one list.
    let lists = table.members.compactMap { $0.value.table?.list }.filter { list in
      !list.isEmpty && list.allSatisfy { $0.table.map { !$0.members.isEmpty } ?? false }
    }
    if table.list.isEmpty, lists.count == 1, ["text", "series"].contains(value.tag) {
      rows = lists[0]
    }
    let names = columns(rows)
    return CSVText.line(names.map(JSONValue.text)) + csvRows(rows, names)
  }

  /// Keys of the rows; `value` for what has none.
  private static func columns(_ rows: [ScriptValue]) -> [String] {
    if let given = rows.first?.table?[Verb.columnsKey].table?.list.compactMap(\.text) {
      return given
    }
    var names: [String] = []
    var known: Set<String> = []
    for row in rows {
      for member in row.table?.members ?? [] where known.insert(member.name).inserted {
        names.append(member.name)
      }
    }
    return names.isEmpty ? ["value"] : names
  }

  private static func csvRows(_ rows: [ScriptValue], _ names: [String]) -> String {
    rows.map { row in
      guard let table = row.table, !table.members.isEmpty else {
        return CSVText.line([row.json] + names.dropFirst().map { _ in .null })
      }
      return CSVText.line(names.map { table[$0].json })
    }.joined()
  }
}
