import Detection
import Ingest
import Primitives
import Testing

@Suite("How a source's times come")
struct SourceMeterTests {
  @Test("Watermark, lateness and silence of each source are those of a naive look at all its times")
  func naive() throws {
    let interner = Interner()
    let meter = SourceMeter(interner: interner)
    let batch = EventBatch(schema: try Schema([("user", .text)]), capacity: 50)
    var random = SeededRandom(seed: 3)
    var times: [String: [Int64]] = [:]
    var clock: Int64 = 1_772_409_600_000_000
    for _ in 0..<40 {
      batch.removeAll()
      while !batch.isFull {
        clock += Int64(random.below(5_000_000))
        let source = ["a", "b"][random.below(2)]
        let late = random.chance(0.1) ? Int64(random.below(90_000_000)) : 0
        times[source, default: []].append(clock - late)
        batch.append(
          EventRecord(
            time: Timestamp(microseconds: clock - late), id: "1", source: source, kind: "k",
            fields: [:]), interner: interner)
      }
      meter.observe(batch)
    }
    #expect(meter.readings.map(\.source) == ["a", "b"])
    for reading in meter.readings {
      let mine = try #require(times[reading.source])
      var newest = mine[0]
      var (silence, from) = (Int64(0), mine[0])
      var behind: [Int64] = []
      for time in mine {
        behind.append(max(0, newest - time))
        if time - newest > silence { (silence, from) = (time - newest, newest) }
        newest = max(newest, time)
      }
      #expect(reading.events == mine.count)
      #expect(reading.first.microseconds == mine[0])
      #expect(reading.watermark.microseconds == newest)
      #expect(reading.outOfOrder == behind.count { $0 > 0 })
      #expect(reading.latenessMax.microseconds == behind.max())
      #expect(reading.silence.microseconds == silence)
      #expect(reading.silenceFrom.microseconds == from)
      let exact = behind.sorted(by: >)[mine.count / 100]
      #expect(reading.latenessP99.microseconds >= exact)
      #expect(Double(reading.latenessP99.microseconds) <= Double(exact) * 1.126)
    }
  }

  @Test("Of more sources than it keeps apart the later ones are measured as one")
  func manySources() throws {
    let interner = Interner()
    let meter = SourceMeter(interner: interner)
    let batch = EventBatch(schema: try Schema([("user", .text)]), capacity: 500)
    for part in 0..<4 {
      batch.removeAll()
      for row in 0..<500 {
        batch.append(
          EventRecord(
            time: Timestamp(seconds: Int64(row)), id: "1", source: "s\(part * 500 + row)",
            kind: "k", fields: [:]), interner: interner)
      }
      meter.observe(batch)
    }
    #expect(meter.readings.count == 1025)
    #expect(meter.readings.reduce(0) { $0 + $1.events } == 2000)
    #expect(meter.readings.filter { $0.events > 1 }.map(\.source) == ["(others)"])
    #expect(meter.readings.first { $0.source == "(others)" }?.events == 976)
  }
}
