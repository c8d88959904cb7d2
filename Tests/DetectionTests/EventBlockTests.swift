import Primitives
import Testing

@testable import Detection

@Suite("Blocks of events")
struct EventBlockTests {
  private static let declared: [(name: String, type: FieldType)] = [
    ("user", .text), ("amount", .number), ("flagged", .flag), ("device", .text), ("value", .number),
  ]

  private let schema: Schema

  init() throws { schema = try Schema(EventBlockTests.declared) }

  private static func number(_ random: inout SeededRandom, _ style: Int) -> Double {
    if random.chance(0.1) { return .nan }
    switch style {
    case 0: return .nan
    case 1: return Double(random.below(200)) - 100
    case 2: return Double(random.below(1_000_000)) / 100
    case 3: return random.uniform(-1e9, 1e9)
    case 4:
      let odd: [Double] = [-0.0, 0, 9e15, -9e15, 1e300, .leastNonzeroMagnitude, .infinity]
      return odd[random.below(odd.count)]
    default: return Double(random.below(1_000_000)) / 1e6
    }
  }

  private func filled(_ seed: UInt64, _ interner: Interner) -> EventBatch {
    var random = SeededRandom(seed: seed)
    let batch = EventBatch(schema: schema, capacity: 300)
    let styles = (0..<3).map { _ in random.below(6) }
    let users = 1 + random.below(40)
    var time: Int64 = 1_700_000_000_000_000
    for row in 0..<1 + random.below(300) {
      time += Int64(random.below(2_000_000)) - 200_000
      if random.chance(0.9) {
        batch.set(text: interner.intern("user-\(random.below(users))"), slot: 0)
      }
      if random.chance(0.5) { batch.set(text: interner.intern("pç \(random.below(9))"), slot: 1) }
      for slot in 0..<3 {
        batch.set(number: EventBlockTests.number(&random, styles[slot]), slot: slot)
      }
      var id = ["event-\(row)", "", "x\(random.next())", "event"][random.below(4)]
      id.withUTF8 {
        batch.commit(
          time: Timestamp(microseconds: random.chance(0.01) ? .max : time),
          zoneOffsetSeconds: [0, 3600, -18_000][random.below(3)],
          kind: interner.intern(["login", "logoff"][random.below(2)]),
          source: interner.intern("s"),
          primarySlot: [0, 1, EventBatch.noEntity][random.below(3)], id: $0)
      }
    }
    return batch
  }

  /// All cells of a row as text, numbers by their bits.
  private func cells(_ batch: EventBatch, _ row: Int, _ interner: Interner) -> [String] {
    let symbols = [batch.kinds[row], batch.sources[row], batch.text(row, 0), batch.text(row, 1)]
    return symbols.map { $0.isMissing ? "missing" : "'\(interner.text(of: $0))'" }
      + (0..<3).map { slot in
        let x = batch.number(row, slot)
        return x.isNaN ? "missing" : "\(x.bitPattern)"
      } + [
        "\(batch.times[row])", "\(batch.zoneOffsets[row])", "\(batch.primarySlots[row])",
        batch.id(row),
      ]
  }

  @Test("Any events come back as they were, numbers to the last bit")
  func roundTrip() throws {
    for seed in UInt64(0)..<150 {
      let interner = Interner()
      let batch = filled(seed, interner)
      var random = SeededRandom(seed: seed, purpose: "rows")
      let start = random.below(batch.count)
      let rows = start..<(start + 1 + random.below(batch.count - start))
      let block = EventBlock(batch, rows: rows, interner: interner)
      #expect(block.events == rows.count)
      #expect(block.first.microseconds == rows.map { batch.times[$0] }.min())
      #expect(block.last.microseconds == rows.map { batch.times[$0] }.max())
      // Another run has met other texts before.
      let other = Interner()
      _ = other.intern("something else")
      let read = EventBatch(schema: schema, capacity: 300)
      try EventBlock.read(block.bytes, into: read, interner: other)
      try #require(read.count == rows.count)
      for (place, row) in rows.enumerated() {
        #expect(cells(read, place, other) == cells(batch, row, interner), "seed \(seed)")
      }
    }
  }

  @Test("A block is searched for texts without a batch, and the times of all its events are told")
  func scanning() throws {
    for seed in UInt64(0)..<60 {
      let interner = Interner()
      let batch = filled(seed, interner)
      let block = EventBlock(batch, rows: 0..<batch.count, interner: interner)
      var random = SeededRandom(seed: seed, purpose: "texts")
      let texts =
        (0..<random.below(4)).map { _ in
          random.chance(0.3) ? "pç \(random.below(12))" : "user-\(random.below(50))"
        } + ["event-1", "login"]
      let seen = try EventBlock.scan(block.bytes, for: Set(texts.map { Array($0.utf8) }))
      let expected = (0..<batch.count).filter { row in
        (0..<2).contains { slot in
          let symbol = batch.text(row, slot)
          return !symbol.isMissing && texts.contains(interner.text(of: symbol))
        }
      }
      // Ids and kinds name nobody.
      #expect(seen.rows == expected, "seed \(seed)")
      #expect(seen.times == (0..<batch.count).map { batch.times[$0] })
      // Any damage is told or read within the bytes.
      var bytes = block.bytes
      for _ in 0..<20 {
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        do throws(StateDamage) {
          let odd = try EventBlock.scan(bytes, for: Set(texts.map { Array($0.utf8) }))
          #expect(odd.rows.allSatisfy { $0 < odd.times.count })
        } catch {
          #expect(!error.what.isEmpty)
        }
      }
    }
  }

  @Test("One number of the events about one entity is what all of the block would give")
  func readings() throws {
    for seed in UInt64(0)..<60 {
      let interner = Interner()
      let batch = filled(seed, interner)
      let block = EventBlock(batch, rows: 0..<batch.count, interner: interner)
      var random = SeededRandom(seed: seed, purpose: "entities")
      for name in ["user-\(random.below(40))", "pç \(random.below(12))", "nobody"] {
        let seen = try EventBlock.readings(block.bytes, of: "value", entity: name, kind: "login")
        #expect(seen.times == (0..<batch.count).map { batch.times[$0] })
        let rows = (0..<batch.count).filter { row in
          batch.primaryEntity(row).map { interner.text(of: $0.value) == name } ?? false
        }
        #expect(seen.own.map(\.row) == rows, "seed \(seed)")
        for (reading, row) in zip(seen.own, rows) {
          let value = batch.number(row, 2)
          #expect(reading.value.bitPattern == value.bitPattern || value.isNaN)
          #expect(reading.value.isNaN == value.isNaN)
          #expect(reading.zoneOffsetSeconds == batch.zoneOffsets[row])
          #expect(reading.isOfKind == (interner.text(of: batch.kinds[row]) == "login"))
          #expect(reading.field == ["user", "device"][Int(batch.primarySlots[row])])
        }
      }
      // Any damage is told or read within the bytes.
      var bytes = block.bytes
      for _ in 0..<20 {
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        do throws(StateDamage) {
          let odd = try EventBlock.readings(bytes, of: "value", entity: "user-1", kind: "login")
          #expect(odd.own.allSatisfy { $0.row < odd.times.count })
        } catch {
          #expect(!error.what.isEmpty)
        }
      }
    }
  }

  @Test("Numbers that are read many at once are those that are read one by one")
  func manyWords() throws {
    var random = SeededRandom(seed: 9)
    let words =
      (0..<500).map { _ in random.next() >> UInt64(random.below(64)) } + [.max, 0, 127, 128]
    var writer = StateWriter()
    writer.byte(7)
    for word in words { writer.word(word) }
    writer.byte(9)
    var reader = StateReader(([1, 2] + writer.bytes)[2...])
    #expect(try reader.byte() == 7)
    #expect(try reader.words(words.count) == words)
    #expect(try reader.byte() == 9 && reader.left == 0)
    for (bytes, count, what) in [
      ([UInt8](repeating: 1, count: 3), 4, "it ends too early"), ([0x80], 1, "it ends too early"),
      ([UInt8](repeating: 0xFF, count: 11), 1, "a number is out of range"),
    ] {
      var reader = StateReader(bytes[...])
      do throws(StateDamage) {
        _ = try reader.words(count)
        Issue.record("nothing was wrong with \(bytes)")
      } catch {
        #expect(error.what == what)
      }
    }
  }

  @Test(
    "Fields go by their names, and one that the reader lacks or holds as another type is left out")
  func otherSchema() throws {
    let interner = Interner()
    let batch = filled(3, interner)
    let block = EventBlock(batch, rows: 0..<batch.count, interner: interner)
    let fields = try EventBlock.fields(of: block.bytes)
    #expect(fields.map(\.name) == EventBlockTests.declared.map(\.name))
    #expect(fields.map(\.type) == EventBlockTests.declared.map(\.type))
    let schema = try Schema([
      ("new", .number), ("value", .number), ("device", .text), ("flagged", .text),
      ("amount", .flag),
    ])
    let read = EventBatch(schema: schema, capacity: 300)
    try EventBlock.read(block.bytes, into: read, interner: interner)
    for row in 0..<batch.count {
      #expect(read.number(row, 0).isNaN)
      #expect(read.number(row, 1).bitPattern == batch.number(row, 2).bitPattern)
      #expect(read.text(row, 0) == batch.text(row, 1))
      #expect(read.text(row, 1).isMissing)
      // The first entity is known where its field is.
      let primary = batch.primarySlots[row]
      #expect(read.primarySlots[row] == (primary == 1 ? 0 : EventBatch.noEntity))
    }
  }

  @Test(
    "Whatever the bytes are, they are read or refused, and a refused block leaves the batch empty")
  func damage() throws {
    var random = SeededRandom(seed: 11)
    var refused = 0
    for seed in UInt64(0)..<400 {
      let interner = Interner()
      let batch = filled(seed % 20, interner)
      var bytes = EventBlock(batch, rows: 0..<batch.count, interner: interner).bytes
      if random.chance(0.3) {
        bytes.removeLast(1 + random.below(bytes.count))
      } else {
        for _ in 0..<1 + random.below(3) {
          bytes[random.below(bytes.count)] = UInt8(random.below(256))
        }
      }
      let read = EventBatch(schema: schema, capacity: 300)
      do {
        try EventBlock.read(bytes, into: read, interner: interner)
      } catch {
        refused += 1
        #expect(read.isEmpty)
      }
    }
    #expect(refused > 100)
  }

  @Test("A block knows the ids and texts that it holds, and takes few others for its own")
  func filter() {
    let interner = Interner()
    let batch = filled(5, interner)
    let filter = BlockFilter(
      bytes: EventBlock(batch, rows: 0..<batch.count, interner: interner).filter.bytes)
    for row in 0..<batch.count {
      #expect(filter.mayHold(batch.id(row), as: .id))
      let user = batch.text(row, 0)
      if !user.isMissing { #expect(filter.mayHold(interner.text(of: user), as: .value)) }
    }
    let wrong = (0..<10_000).count { filter.mayHold("stranger-\($0)", as: .value) }
    #expect(wrong < 300)
    #expect(BlockFilter(bytes: []).mayHold("anything", as: .id))
  }
}
