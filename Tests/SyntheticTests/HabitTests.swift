import Detection
import Primitives
import Synthetic
import Testing

/// What makes the world one of people: rhythms, habits, places.
@Suite("Habits in the made-up world")
struct HabitTests {
  private static let world = Array(World(seed: 7, events: 60_000))

  private static func local(_ event: EventRecord) -> CivilTime {
    CivilTime(event.time, offsetSeconds: Int(event.zoneOffsetSeconds))
  }

  private static func hour(_ event: EventRecord, zone: Int) -> Double {
    let time = CivilTime(event.time, offsetSeconds: zone)
    return Double(time.hour) + Double(time.minute) / 60
  }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  private static func grouped(
    _ events: some Sequence<EventRecord>, by field: String
  ) -> [String: [EventRecord]] {
    Dictionary(grouping: events) { $0.text(field) ?? "" }
  }

  /// Hours of each person's first sign-in of a day, on the clock `zone` seconds east, or on the person's own.
  private static func firstSignIns(zone: Int? = nil) -> [(site: String, hours: [Double])] {
    let people = world.filter { $0.kind == "login" && $0.text("user")!.hasPrefix("u") }
    return grouped(people, by: "user").values.map { logins in
      let byDay = Dictionary(grouping: logins) { local($0).day }
      let hours = byDay.values.map { hour($0[0], zone: zone ?? Int($0[0].zoneOffsetSeconds)) }
      return (logins[0].text("site")!, hours)
    }
  }

  @Test("Most people begin to work in the morning of their own site")
  func mornings() {
    let medians = Self.firstSignIns().filter { $0.hours.count >= 8 }.map { Self.median($0.hours) }
    #expect(medians.count > 50)
    let inMorning = medians.filter { (6.0..<11).contains($0) }
    #expect(Double(inMorning.count) / Double(medians.count) > 0.75)
    #expect(inMorning.count < medians.count, "some work in shifts")
  }

  @Test("Sites are hours apart on one clock and together on their own")
  func zones() {
    func typical(_ site: String, zone: Int?) -> Double {
      Self.median(
        Self.firstSignIns(zone: zone).filter { $0.site == site }.map { Self.median($0.hours) })
    }
    #expect(abs(typical("new-york", zone: nil) - typical("berlin", zone: nil)) < 1)
    #expect((5.0...7).contains(typical("new-york", zone: 0) - typical("berlin", zone: 0)))
  }

  @Test("Weekends are quiet at work")
  func weekends() {
    var perDay = [Double](repeating: 0, count: 7)
    for event in Self.world where event.kind == "login" && event.text("user")!.hasPrefix("u") {
      let civil = Self.local(event)
      let days = CivilTime.days(toYear: civil.year, month: civil.month, day: civil.day)
      perDay[Int((days + 3) % 7)] += 1
    }
    #expect((perDay[5] + perDay[6]) / 2 < 0.3 * perDay[0..<5].reduce(0, +) / 5)
    #expect(perDay[6] > 0)
  }

  @Test("Services sign in at a fixed beat, day and night")
  func services() {
    let services = Self.grouped(
      Self.world.filter { $0.kind == "login" && $0.text("user")!.hasPrefix("svc") }, by: "user")
    #expect(!services.isEmpty)
    let roundTheClock = services.values.filter { Set($0.map { Self.local($0).hour }).count == 24 }
    #expect(!roundTheClock.isEmpty)
    for logins in services.values where logins.count > 100 {
      let gaps = zip(logins, logins.dropFirst()).map { ($1.time - $0.time).seconds }
      let beat = Self.median(gaps)
      let steady = gaps.filter { abs($0 - beat) < 90 }
      #expect(Double(steady.count) > 0.8 * Double(gaps.count))
    }
  }

  @Test("A wrong password is mostly followed by the right one")
  func mistypes() {
    var failures = 0
    var followed = 0
    for logins in Self.grouped(Self.world.filter { $0.kind == "login" }, by: "user").values {
      for (place, login) in logins.enumerated() where login.text("outcome") == "failure" {
        failures += 1
        let later = logins[place...].first { $0.text("outcome") == "success" }
        if let later, (later.time - login.time).seconds < 3 * 3600 { followed += 1 }
      }
    }
    #expect(failures > 100)
    #expect(Double(followed) / Double(failures) > 0.8)
  }

  @Test("People have machines of their own")
  func machines() {
    let users = Self.grouped(
      Self.world.filter { $0.kind == "login" && $0.text("user")!.hasPrefix("u") }, by: "user")
    let alone = users.values.filter { Set($0.map { $0.text("device") }).count == 1 }
    #expect(Double(alone.count) / Double(users.count) > 0.7)
    #expect(alone.count < users.count)
  }

  @Test("Cards return to favourite merchants")
  func favourites() {
    let shares = Self.grouped(
      Self.world.filter { $0.text("channel") == "card_present" }, by: "card"
    ).values.filter { $0.count >= 20 }.map { purchases in
      let visits = Self.grouped(purchases, by: "merchant").values.map(\.count).sorted(by: >)
      return Double(visits.prefix(3).reduce(0, +)) / Double(purchases.count)
    }
    #expect(shares.count > 30)
    #expect(Self.median(shares) > 0.25)
  }

  @Test("What a purchase costs depends on what is bought")
  func prices() {
    func typical(_ category: String) -> Double {
      Self.median(
        Self.world.filter { $0.text("category") == category }.map { $0.number("amount")! })
    }
    #expect(typical("transit") < 5)
    #expect(typical("grocery") < typical("electronics"))
    #expect(typical("electronics") < typical("furniture"))
    let cash = Self.world.filter { $0.text("category") == "cash" }
    #expect(cash.allSatisfy { $0.number("amount")!.truncatingRemainder(dividingBy: 10) == 0 })
  }

  @Test("Subscriptions recur with their amount")
  func subscriptions() {
    let world = World(seed: 7, days: 70, events: 60_000)
    let orders = Self.grouped(world.filter { $0.text("category") == "subscription" }, by: "card")
    let recurring = orders.values.filter { payments in
      Set(payments.map { $0.number("amount")! }).count < payments.count
    }
    #expect(Double(recurring.count) > 0.5 * Double(orders.count))
  }

  @Test("Metrics have a beat, a day and noise that grows with the level")
  func metrics() {
    let series = Self.grouped(Self.world.filter { $0.kind == "metric" }, by: "series")
    var rhythmic = 0
    for values in series.values where values.count > 200 {
      let gaps = zip(values, values.dropFirst()).map { ($1.time - $0.time).seconds }
      let beat = Self.median(gaps)
      #expect([300, 600, 900, 1800, 3600].contains { abs($0 - beat) <= 5 })
      func level(_ hours: Range<Int>) -> Double {
        let some = values.filter { hours.contains(CivilTime($0.time).hour) }
        return some.isEmpty ? 0 : Self.median(some.map { $0.number("value")! })
      }
      if level(12..<18) > 1.25 * level(0..<6) { rhythmic += 1 }
    }
    #expect(series.count >= 5)
    #expect(rhythmic >= 2)
  }
}
