import Detection
import Foundation
import Ingest
import Learning
import Primitives
import Testing

@testable import Host

/// A stream of few users over a short time, so that intervals and ids meet often.
private struct RandomCase {
  let schema: Schema
  let interner = Interner()
  let batch: EventBatch
  var labels: [Label] = []

  init(_ random: inout SeededRandom) throws {
    schema = try Schema([("user", .text), ("device", .text)])
    batch = EventBatch(schema: schema, capacity: 16)
    for place in 0..<random.below(13) {
      var fields: [String: Value] = [:]
      if random.below(8) > 0 { fields["user"] = .text("u\(random.below(3))") }
      if random.below(3) > 0 { fields["device"] = .text("d\(random.below(2))") }
      batch.append(
        EventRecord(
          time: Timestamp(seconds: Int64(random.below(20))), id: "e\(place % 10)", source: "s",
          kind: "login", fields: fields, primaryField: "user"), interner: interner)
    }
    for number in 0..<random.below(9) {
      let start = Int64(random.below(20))
      let byEvent = random.below(3) == 0
      let field = ["user", "device", "nowhere"][random.below(3)]
      var label = Label(
        entityField: field, entity: field == "device" ? "d0" : "u\(random.below(3))",
        start: Timestamp(seconds: start), end: Timestamp(seconds: start + Int64(random.below(8))),
        type: "fraud", name: "n\(number)", severity: 1 + number % 5,
        knownAt: Timestamp(seconds: 99),
        eventID: byEvent ? "e\(random.below(12))" : "")
      labels.append(label)
      if random.below(4) == 0 {
        label.name = "twin"
        labels.append(label)
      }
    }
  }

  /// The label of a row as the definition says it: ids first, then the first interval given that holds the event.
  func label(of row: Int) -> Label? {
    if let byID = labels.first(where: { $0.eventID == batch.id(row) }) { return byID }
    return labels.first { label in
      guard label.eventID.isEmpty, let field = schema.field(label.entityField) else { return false }
      let value = batch.text(row, field.slot)
      let time = batch.time(row)
      return !value.isMissing && interner.text(of: value) == label.entity && label.start <= time
        && time <= label.end
    }
  }
}

@Suite("Joining labels")
struct LabelJoinTests {
  @Test("Joining labels never changes the number of rows, and each row gets the label it should")
  func property() throws {
    var random = SeededRandom(seed: 5, purpose: "labels")
    var labelled = 0
    for number in 0..<10_000 {
      let sample = try RandomCase(&random)
      let index = LabelIndex(sample.labels)
      var rows = TrainingRows(names: ["x"], columns: [0])
      let table = FeatureTable(columns: 1, capacity: 16)
      rows.add(sample.batch, table, labels: index, interner: sample.interner)
      var bare = TrainingRows(names: ["x"], columns: [0])
      bare.add(sample.batch, table, labels: LabelIndex(), interner: sample.interner)
      let isRight =
        rows.count == sample.batch.count && bare.count == rows.count
        && rows.values.count == rows.count && bare.positives == 0
        && (0..<rows.count).allSatisfy { row in
          let wanted = sample.label(of: row)
          return rows.isPositive[row] == (wanted != nil)
            && rows.labelNames[row] == (wanted?.name ?? "")
            && (rows.incidents[row] != nil) == (wanted != nil)
            && index.label(of: row, in: sample.batch, interner: sample.interner) == wanted
        }
      guard isRight else {
        Issue.record("case \(number) is joined otherwise than its labels say")
        return
      }
      labelled += rows.positives
    }
    #expect(labelled > 10_000)
  }

  @Test("An interval holds its first and its last instant and nothing beside them")
  func ends() throws {
    let schema = try Schema([("user", .text)])
    let interner = Interner()
    let batch = EventBatch(schema: schema)
    for (place, time) in [9_999_999, 10_000_000, 20_000_000, 20_000_001].enumerated() {
      batch.append(
        EventRecord(
          time: Timestamp(microseconds: Int64(time)), id: "e\(place)", source: "s", kind: "login",
          fields: ["user": .text("ana")], primaryField: "user"), interner: interner)
    }
    let index = LabelIndex([
      Label(
        entityField: "user", entity: "ana", start: Timestamp(seconds: 10),
        end: Timestamp(seconds: 20), type: "anomaly", name: "x", severity: 1,
        knownAt: Timestamp(seconds: 20))
    ])
    #expect(
      (0..<4).map { index.label(of: $0, in: batch, interner: interner) != nil }
        == [false, true, true, false])
  }

  @Test("Of labels on several entities of an event the first given counts, in every run")
  func firstGiven() throws {
    let schema = try Schema((0..<40).map { ("f\($0)", .text) })
    let interner = Interner()
    let batch = EventBatch(schema: schema)
    let fields = Dictionary(uniqueKeysWithValues: (0..<40).map { ("f\($0)", Value.text("x")) })
    batch.append(
      EventRecord(
        time: Timestamp(seconds: 5), id: "e", source: "s", kind: "k", fields: fields),
      interner: interner)
    let order = [17, 3] + (20..<40)
    let index = LabelIndex(
      order.map { place in
        Label(
          entityField: "f\(place)", entity: "x", start: Timestamp(seconds: 5),
          end: Timestamp(seconds: 5), type: "fraud", name: "n\(place)", severity: 1,
          knownAt: Timestamp(seconds: 5))
      })
    #expect(index.label(of: 0, in: batch, interner: interner)?.name == "n17")
  }

  @Test("Rows of one incident stand on one side of a split by time")
  func incidentsStayWhole() throws {
    var random = SeededRandom(seed: 9, purpose: "splits")
    var cut = 0
    for _ in 0..<3000 {
      let sample = try RandomCase(&random)
      var rows = TrainingRows(names: ["x"], columns: [0])
      rows.add(
        sample.batch, FeatureTable(columns: 1, capacity: 16), labels: LabelIndex(sample.labels),
        interner: sample.interner)
      let border = Timestamp(seconds: Int64(random.below(20)))
      let split = TimeSplit(
        times: rows.times, incidents: rows.incidents, border: border, validationShare: 0.2)
      var sides: [Int: Set<Int>] = [:]
      for (side, part) in [split.train, split.validation, split.test].enumerated() {
        for row in part {
          if let incident = rows.incidents[row] { sides[incident, default: []].insert(side) }
        }
      }
      #expect(sides.values.allSatisfy { $0.count == 1 })
      #expect(split.train.count + split.validation.count + split.test.count == rows.count)
      let byIncident = Dictionary(grouping: rows.times.indices) { rows.incidents[$0] }
      cut += byIncident.count { incident, places in
        incident != nil && Set(places.map { rows.times[$0] < border }).count == 2
      }
    }
    #expect(cut > 10)
  }

  @Test("Rows are dropped from an instant on, also where they are out of order")
  func dropped() throws {
    let schema = try Schema([("user", .text)])
    let interner = Interner()
    let batch = EventBatch(schema: schema)
    let table = FeatureTable(columns: 2)
    for (place, time) in [1, 9, 2, 10, 3].enumerated() {
      batch.append(
        EventRecord(
          time: Timestamp(seconds: Int64(time)), id: "e\(place)", source: "s", kind: "k",
          fields: [:]), interner: interner)
      table.values[place * 2] = Double(time)
      table.values[place * 2 + 1] = 0
    }
    var rows = TrainingRows(names: ["time", "zero"], columns: [0, 1])
    rows.add(batch, table, labels: LabelIndex(), interner: interner)
    rows.keep(before: Timestamp(seconds: 9))
    #expect(rows.times.map(\.seconds) == [1, 2, 3])
    #expect(rows.values == [1, 0, 2, 0, 3, 0])
    #expect(rows.isPositive.count == 3 && rows.incidents.count == 3 && rows.sources.count == 3)
  }
}
