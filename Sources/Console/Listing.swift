package import Primitives

/// What `--format` chooses: a table for people, JSON or CSV for programs.
package enum RowStyle: String, Sendable, CaseIterable { case text, json, csv }

/// Rows that a command prints, in any of the output formats.
package struct Listing: Sendable {
  package struct Column: Sendable {
    /// The name in JSON and CSV, lower snake case.
    package var key: String
    /// The heading of the table.
    package var title: String
    package var alignment: TextTable.Alignment
    /// As in `TextTable.Column`.
    package var importance: Int

    package init(
      _ key: String, _ title: String, _ alignment: TextTable.Alignment = .leading,
      importance: Int = 8
    ) {
      self.importance = importance
      self.key = key
      self.title = title
      self.alignment = alignment
    }
  }

  package let columns: [Column]
  package private(set) var rows: [[JSONValue]] = []
  private var tableRows: [[TextTable.Cell]] = []

  package init(_ columns: [Column]) { self.columns = columns }

  /// A row of values; `shown` replaces, by column key, how a value stands in the table.
  package mutating func append(_ values: [JSONValue], shown: [String: TextTable.Cell] = [:]) {
    precondition(values.count == columns.count, "a row has one value a column")
    rows.append(values)
    tableRows.append(
      zip(columns, values).map { column, value in shown[column.key] ?? TextTable.Cell(plain(value))
      })
  }

  /// The rows in the format, ended by a newline. JSON is one object with the rows under `name`;
  /// `empty` is the sentence that a person reads where there are none.
  package func rendered(
    _ style: RowStyle, name: String, empty: String, terminal: Terminal
  ) -> String {
    switch style {
    case .text:
      if rows.isEmpty { return empty + "\n" }
      var table = TextTable(
        columns.map { TextTable.Column($0.title, $0.alignment, importance: $0.importance) })
      for row in tableRows { table.append(row) }
      return table.rendered(width: terminal.width, paint: Paint(terminal))
    case .json:
      return JSONValue.object([.init(name, .list(objects))]).serialized(.indented) + "\n"
    case .csv:
      let header = CSVText.line(columns.map { .text($0.key) })
      return rows.reduce(into: header) { $0 += CSVText.line($1) }
    }
  }

  /// The rows as JSON objects, keys in the order of the columns.
  package var objects: [JSONValue] {
    rows.map { row in .object(zip(columns, row).map { .init($0.key, $1) }) }
  }
}

/// A value as a person reads it in a table cell.
private func plain(_ value: JSONValue) -> String {
  switch value {
  case .null: Format.missing
  case .flag(let flag): flag ? "yes" : "no"
  case .integer(let integer): Format.count(integer)
  case .number(let number): Format.decimal(number)
  case .text(let text): text
  case .list(let elements): elements.map(plain).joined(separator: ", ")
  case .object: value.serialized()
  }
}
