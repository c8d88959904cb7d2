import Detection
import Primitives
import Synthetic
import Testing

@Suite("The made-up bank")
struct BankTests {
  private static let bank = Bank(seed: 103, events: 20_000).events

  private func events(_ holds: (EventRecord) -> Bool) -> [EventRecord] { Self.bank.filter(holds) }

  @Test("One seed gives one month, in order of time, each event with an id of its own")
  func repeats() {
    #expect(
      digest(Bank(seed: 5, events: 3000).events) == digest(Bank(seed: 5, events: 3000).events))
    #expect(
      digest(Bank(seed: 5, events: 3000).events) != digest(Bank(seed: 6, events: 3000).events))
    let end = World.usualStart + .days(30)
    #expect(zip(Self.bank, Self.bank.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Self.bank.allSatisfy { $0.time >= World.usualStart && $0.time < end })
    #expect(Set(Self.bank.map(\.id)).count == Self.bank.count)
    #expect(Self.bank.allSatisfy { $0.primaryEntity != nil })
  }

  @Test("There are about as many events as asked for", arguments: [0, 50, 1600, 20_000])
  func size(events: Int) {
    let count = Bank(seed: 3, events: events).events.count
    // The last shop finishes its month, with up to forty payments a day and a busy day.
    #expect(count >= events && count <= events + 1500)
  }

  @Test("It has what the five scenarios are planted on")
  func onto() {
    let logins = events { $0.kind == "login" }
    #expect(logins.allSatisfy { $0.text("country") != nil && $0.text("src_ip") != nil })
    #expect(Set(logins.compactMap { $0.text("country") }).count >= 10)
    #expect(!events { $0.kind == "connect" && $0.text("user") == nil }.isEmpty)
    #expect(!events { $0.text("terminal") != nil && $0.text("card") == nil }.isEmpty)
    #expect(!events { $0.text("account") != nil && $0.text("user") != nil }.isEmpty)
  }

  @Test("Honest people look like the attacks: they fly, use relays, mistype and collect rent")
  func lookAlikes() {
    let users = Dictionary(grouping: events { $0.kind == "login" }) { $0.text("user") ?? "" }
    let countries = users.mapValues { Set($0.compactMap { $0.text("country") }).count }
    #expect(countries.values.contains(1))
    #expect(countries.values.count { $0 > 1 } > users.count / 20)
    #expect(users.values.contains { $0.count { $0.text("outcome") == "failure" } >= 3 })
    let accounts = Dictionary(grouping: events { $0.text("channel") == "transfer_in" }) {
      $0.text("account") ?? ""
    }
    #expect(accounts.values.contains { $0.count >= 3 })
  }

  @Test("A world and a bank make one stream in order of time in which nothing is lost")
  func together() {
    let world = World(seed: 103, events: 3000)
    let bank = Bank(seed: 103, events: 600)
    let month = WholeMonth(world, bank)
    #expect(month.count == world.count + bank.events.count)
    #expect(zip(month, month.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Set(month.map(\.id)) == Set(world.map(\.id)).union(bank.events.map(\.id)))
    #expect(Set(month.map(\.id)).count == month.count)
    #expect(Array(WholeMonth(world, Bank(seed: 1, events: 0))).count == world.count)
  }
}
