import Detection
import Foundation
import Primitives
import Testing

@testable import Host

@Suite("Checkpoints")
struct CheckpointTests {
  private func checkpoint(_ seed: UInt64) -> Checkpoint {
    var random = SeededRandom(seed: seed)
    func bytes() -> [UInt8] { (0..<random.below(200)).map { _ in UInt8(random.below(256)) } }
    return Checkpoint(
      read: random.below(1_000_000), events: random.below(1_000_000), position: "{\"files\":[]}",
      letterBytes: Int64(random.below(1000)),
      state: RunState(
        windows: bytes(), patterns: bytes(), series: bytes(), judge: bytes(), counters: bytes()),
      duplicates: bytes())
  }

  private func refusal(_ bytes: [UInt8]) -> String {
    do {
      _ = try Checkpoint(sealed: bytes)
      return "taken"
    } catch { return error.what }
  }

  @Test("What was written is read back")
  func readBack() throws {
    for seed in 0..<100 as Range<UInt64> {
      let written = checkpoint(seed)
      #expect(try Checkpoint(sealed: Checkpoint.sealed(written.encoded)) == written)
    }
  }

  @Test("A changed, cut or longer checkpoint is refused, whatever the damage")
  func damage() {
    var random = SeededRandom(seed: 5)
    for seed in 0..<300 as Range<UInt64> {
      var bytes = Checkpoint.sealed(checkpoint(seed).encoded)
      switch random.below(3) {
      case 0: bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
      case 1: bytes.removeLast(1 + random.below(bytes.count))
      default: bytes.append(UInt8(random.below(256)))
      }
      #expect(refusal(bytes) != "taken")
    }
    #expect(refusal([]) == "it does not begin as a checkpoint does")
    var bytes = Checkpoint.sealed(checkpoint(1).encoded)
    bytes[20] ^= 1
    #expect(refusal(bytes) == "its checksum does not match")
    var later = checkpoint(1).encoded
    later[7] = 9
    #expect(
      refusal(Checkpoint.sealed(later)) == "it is of version 9, and this program reads 3")
  }

  @Test("The last two are kept, and half-written ones of programs that are gone are removed")
  func lastTwo() throws {
    let scratch = try Scratch()
    let folder = try CheckpointFolder(dataDirectory: scratch.path, source: "s")
    try scratch.write("run/s/checkpoint-3.1-1.partial", "half")
    for number in 1...5 { try folder.write(number, checkpoint(UInt64(number)).encoded) }
    #expect(try folder.numbers() == [4, 5])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["checkpoint-4", "checkpoint-5"])
    let newest = try folder.newest()
    #expect(newest.found?.number == 5)
    #expect(newest.found?.checkpoint == checkpoint(5))
    #expect(newest.damage == [])
  }

  @Test("A damaged one is passed over for the one before, with a sentence; then none is left")
  func fallsBack() throws {
    let scratch = try Scratch()
    let folder = try CheckpointFolder(dataDirectory: scratch.path, source: "s")
    for number in 1...2 { try folder.write(number, checkpoint(UInt64(number)).encoded) }
    try scratch.write("run/s/checkpoint-2", "MWCHECK is what it began with")
    let first = try folder.newest()
    #expect(first.found?.number == 1)
    #expect(
      first.damage == [
        "the checkpoint \(folder.path)/checkpoint-2 cannot be used: its checksum does not match"
      ])
    try scratch.write("run/s/checkpoint-1", "")
    let second = try folder.newest()
    #expect(second.found == nil)
    #expect(second.damage.count == 2)
    #expect(second.damage.last?.hasSuffix("it does not begin as a checkpoint does") == true)
  }

  @Test("Ids that repeated events are known by come back, and the oldest is forgotten first")
  func duplicates() throws {
    func batch(_ ids: [String]) throws -> EventBatch {
      let interner = Interner()
      let batch = EventBatch(schema: try Schema([("user", .text), ("device", .text)]))
      for (place, id) in ids.enumerated() {
        batch.append(login(id, at: Int64(place)), interner: interner)
      }
      return batch
    }
    let first = DuplicateFilter()
    let size = EventBatch.standardCapacity
    for start in stride(from: 0, to: 131_072 + 100 * size, by: size) {
      first.clean(try batch((start..<(start + size)).map { "e\($0)" }))
    }
    var writer = StateWriter()
    first.encode(&writer)
    let second = DuplicateFilter()
    var reader = StateReader(writer.bytes[...])
    try second.decode(&reader)
    var random = SeededRandom(seed: 3)
    for _ in 0..<20 {
      let ids = (0..<500).map { _ in "e\(random.below(700_000))" }
      let (one, two) = (try batch(ids), try batch(ids))
      first.clean(one)
      second.clean(two)
      #expect((0..<one.count).map { one.id($0) } == (0..<two.count).map { two.id($0) })
    }
    #expect(first.dropped == second.dropped && first.dropped > 0)
  }
}
