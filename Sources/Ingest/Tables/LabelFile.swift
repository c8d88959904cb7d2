package import Detection
package import Primitives

/// Labels as CSV: `entity_field,entity,start,end,type,name,severity,known_at,event_id`, times in RFC 3339.
package enum LabelFile {
  package static let columns = [
    "entity_field", "entity", "start", "end", "type", "name", "severity", "known_at", "event_id",
  ]

  /// Columns may come in any order; one that is missing or a value that cannot be read is an error with its line.
  package static func read(_ path: String) throws(Failure) -> [Label] {
    let table = try CSVTable.read(path)
    var places: [Int] = []
    for column in columns {
      guard let place = table.columns.firstIndex(of: column) else {
        let near = nearestName(to: column, among: table.columns.filter { !columns.contains($0) })
        throw Failure(
          .input,
          "\(path):1: column '\(column)' of the labels is missing"
            + (near.map { ", did you mean '\($0)'?" } ?? ""))
      }
      places.append(place)
    }
    var labels: [Label] = []
    labels.reserveCapacity(table.rows.count)
    for row in table.rows {
      labels.append(try label(places.map { row.fields[$0] }, place: "\(path):\(row.line)"))
    }
    return labels
  }

  private static func label(_ values: [String], place: String) throws(Failure) -> Label {
    func time(_ index: Int) throws(Failure) -> Timestamp {
      if let time = TimeParser.timestamp(values[index]) { return time }
      throw Failure(
        .input, "\(place): '\(columns[index])' is '\(values[index])', not a time",
        advice: "write it as 2026-03-01T14:00:00Z")
    }
    let (start, end, known) = (try time(2), try time(3), try time(7))
    if end < start {
      throw Failure(.input, "\(place): the label ends before it starts")
    }
    guard let severity = Int(values[6]), (1...5).contains(severity) else {
      throw Failure(.input, "\(place): 'severity' is '\(values[6])', not 1 to 5")
    }
    guard values[4] == "fraud" || values[4] == "anomaly" else {
      throw Failure(.input, "\(place): 'type' is '\(values[4])', not fraud or anomaly")
    }
    if values[8].isEmpty && (values[0].isEmpty || values[1].isEmpty) {
      throw Failure(
        .input, "\(place): the label names neither an event nor an entity",
        advice: "fill 'event_id', or 'entity_field' and 'entity'")
    }
    return Label(
      entityField: values[0], entity: values[1], start: start, end: end, type: values[4],
      name: values[5], severity: severity, knownAt: known, eventID: values[8])
  }

  /// The whole file as text, labels in the order given.
  package static func text(_ labels: [Label]) -> String {
    var text = CSVCell.line(columns)
    for label in labels {
      let fields = [
        label.entityField, label.entity, label.start.description, label.end.description,
        label.type, label.name, String(label.severity), label.knownAt.description, label.eventID,
      ]
      text += CSVCell.line(fields)
    }
    return text
  }
}
