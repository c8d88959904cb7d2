import Detection
import Primitives
import Synthetic
import Testing

@Suite("The made-up world")
struct WorldTests {
  private static let world = Array(World(seed: 7, events: 60_000))

  @Test("One seed gives one world")
  func repeats() {
    let one = digest(World(seed: 7, events: 20_000))
    #expect(one == digest(World(seed: 7, events: 20_000)))
    #expect(one != digest(World(seed: 8, events: 20_000)))
  }

  @Test("Events come in time order, inside the world's time, each with an id of its own")
  func ordered() {
    let end = World.usualStart + .days(30)
    #expect(zip(Self.world, Self.world.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Self.world.allSatisfy { $0.time >= World.usualStart && $0.time < end })
    #expect(Set(Self.world.map(\.id)).count == Self.world.count)
  }

  @Test("There are about as many events as asked for", arguments: [0, 100, 3000, 60_000])
  func size(events: Int) {
    let world = World(seed: 3, events: events)
    // The last entity of a kind finishes its month, a service account with up to 2,200 events.
    #expect(world.count >= events && world.count <= events + 2300)
  }

  @Test("A quarter are metrics, three in ten sign-ins and devices, the rest cards of both channels")
  func shares() {
    var counts: [String: Int] = [:]
    for event in Self.world { counts[event.source, default: 0] += 1 }
    func share(_ sources: String...) -> Double {
      Double(sources.reduce(0) { $0 + counts[$1, default: 0] }) / Double(Self.world.count)
    }
    #expect((0.23...0.26).contains(share("nab")))
    #expect((0.29...0.33).contains(share("cert-logon", "cert-device")))
    #expect(share("cert-device") > 0.005)
    #expect((0.17...0.28).contains(share("ieee-cis")))
    #expect((0.17...0.28).contains(share("creditcard")))
    #expect(Set(counts.keys) == ["nab", "cert-logon", "cert-device", "ieee-cis", "creditcard"])
  }

  @Test("Every event has only known fields of their types, an entity, and no truth about itself")
  func fields() throws {
    let schema = try Schema(World.fields)
    let truth = ["label", "fraud", "attack", "anomaly", "class", "truth", "planted", "scenario"]
    #expect(World.fields.allSatisfy { field in !truth.contains { field.name.contains($0) } })
    for event in Self.world {
      #expect(event.primaryEntity != nil)
      for (name, value) in event.fields {
        switch (schema.field(name)?.type, value) {
        case (.text, .text(let text)): #expect(!text.isEmpty)
        case (.number, .number(let x)): #expect(x.isFinite && x >= 0)
        default: Issue.record("field \(name) holds \(value)")
        }
      }
    }
  }

  @Test("Each kind carries what its source carries")
  func shapes() {
    let wanted: [String: Set<String>] = [
      "login": ["user", "device", "src_ip", "site", "outcome"],
      "logoff": ["user", "device", "src_ip", "site", "outcome"],
      "connect": ["user", "device", "site"], "disconnect": ["user", "device", "site"],
      "payment": ["card", "merchant", "category", "amount", "currency", "channel"],
      "card_present": [
        "card", "merchant", "terminal", "category", "amount", "currency", "channel",
      ],
      "metric": ["series", "value"],
    ]
    var seen: Set<String> = []
    for event in Self.world {
      let shape = event.text("channel") ?? event.kind
      seen.insert(shape)
      let optional: Set<String> = shape == "payment" ? ["device", "email_domain"] : []
      #expect(Set(event.fields.keys).subtracting(optional) == wanted[shape])
    }
    #expect(seen == Set(wanted.keys))
  }

  @Test("A larger world holds the smaller one's people, doing the same")
  func grows() {
    func life(_ user: String, _ world: [EventRecord]) -> [String] {
      world.filter { $0.text("user") == user }.map {
        var event = $0
        event.id = ""
        return line(event)
      }
    }
    let small = Array(World(seed: 7, events: 5000))
    for user in Set(small.compactMap { $0.text("user") }) {
      #expect(life(user, small) == life(user, Self.world))
    }
  }

  @Test("A world may begin at any time of day and last a day")
  func shortWorld() {
    let start = Timestamp(seconds: 1_700_000_123)
    let world = World(seed: 1, days: 1, events: 2000, start: start)
    #expect(world.count >= 2000)
    #expect(world.allSatisfy { $0.time >= start && $0.time < start + .days(1) })
  }
}
