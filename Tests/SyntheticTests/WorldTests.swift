import Detection
import Primitives
import Synthetic
import Testing

@Suite("The made-up world")
struct WorldTests {
  private static let world = World(seed: 7, events: 60_000)

  @Test("One seed gives one world")
  func repeats() {
    let again = World(seed: 7, events: 20_000)
    #expect(digest(World(seed: 7, events: 20_000)) == digest(again))
  }

  @Test("Another seed gives another world")
  func differs() {
    #expect(digest(World(seed: 1, events: 5000)) != digest(World(seed: 2, events: 5000)))
  }

  @Test("Events come in time order, inside the world's time, each with an id of its own")
  func ordered() {
    var last = Timestamp.distantPast
    var ids: Set<String> = []
    for event in Self.world {
      #expect(event.time >= last)
      #expect(event.time >= Self.world.start && event.time < Self.world.end)
      last = event.time
      ids.insert(event.id)
    }
    #expect(ids.count == Self.world.count)
  }
}
