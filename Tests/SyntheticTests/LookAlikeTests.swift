import Detection
import Primitives
import Synthetic
import Testing

/// Without honest look-alikes every detector is perfect; each attack has some here.
@Suite("Honest look-alikes")
struct LookAlikeTests {
  private static let world = Array(World(seed: 7, events: 120_000))

  /// Entities that do something at least `count` times within a span.
  private static func bursts(
    _ events: some Sequence<EventRecord>, _ count: Int, within span: TimeSpan
  ) -> Set<String> {
    var found: Set<String> = []
    for (entity, own) in Dictionary(grouping: events, by: { $0.primaryEntity!.value })
    where own.count >= count {
      if zip(own, own.dropFirst(count - 1)).contains(where: { $1.time - $0.time <= span }) {
        found.insert(entity)
      }
    }
    return found
  }

  private static func channel(_ channel: String) -> [EventRecord] {
    world.filter { $0.text("channel") == channel }
  }

  @Test("People and services sign in a dozen times within minutes")
  func signInBursts() {
    let logins = Self.world.filter { $0.kind == "login" }
    #expect(Self.bursts(logins, 12, within: .minutes(10)).count >= 5)
  }

  @Test("People who are on call, abroad, on night shift or late sign in between two and six")
  func nights() {
    let people = Self.world.filter { event in
      event.kind == "login" && event.text("user")!.hasPrefix("u")
        && (2...5).contains(
          CivilTime(event.time, offsetSeconds: Int(event.zoneOffsetSeconds)).hour)
    }
    let users = Set(people.map { $0.text("user")! })
    #expect(users.count >= 15)
    // Some do so once, others for weeks.
    let nights = users.map { user in people.filter { $0.text("user") == user }.count }
    #expect(nights.min()! <= 2 && nights.max()! >= 10)
  }

  @Test("Players and buyers pay thirty times within two hours")
  func paymentBursts() {
    #expect(Self.bursts(Self.channel("payment"), 30, within: .hours(2)).count >= 5)
  }

  @Test("Somebody buys for thousands after a week of silence")
  func bigPurchases() {
    let cards = Dictionary(
      grouping: Self.world.filter { $0.kind == "transaction" }, by: { $0.text("card")! })
    let found = cards.values.filter { own in
      zip(own, own.dropFirst()).contains {
        $1.number("amount")! >= 1500 && $1.text("channel") == "card_present"
          && $1.time - $0.time >= .days(7)
      }
    }
    #expect(!found.isEmpty)
  }

  @Test("Resellers and givers pay eight round amounts in a day")
  func roundAmounts() {
    let round = Self.channel("payment").filter {
      [50, 100, 200, 500, 1000].contains($0.number("amount")!)
    }
    #expect(Self.bursts(round, 8, within: .days(1)).count >= 2)
  }

  @Test("Honest metrics jump to several times their level, ramp up, and are looked at closely")
  func metrics() {
    let series = Dictionary(
      grouping: Self.world.filter { $0.kind == "metric" }, by: { $0.text("series")! })
    var jumps = 0
    var closeLooks = 0
    for own in series.values where own.count > 300 {
      let values = own.map { $0.number("value")! }
      let level = values.sorted()[values.count / 2]
      if level > 0 && values.contains(where: { $0 > 3.5 * level }) { jumps += 1 }
      let gaps = zip(own, own.dropFirst()).map { ($1.time - $0.time).seconds }
      let beat = gaps.sorted()[gaps.count / 2]
      if gaps.filter({ $0 < beat * 0.4 }).count >= 8 { closeLooks += 1 }
    }
    #expect(jumps >= 3)
    #expect(closeLooks >= 3)
  }
}
