package import Detection
package import Primitives

/// A made-up month beside `World`: customers who sign in from countries and move money, shops whose terminals report,
/// and offices that connect by address alone.
///
/// The gate adds it to the world so that attacks on what the world does not have can be planted: on sign-ins with a
/// country, on accounts, on what a terminal itself reports, on addresses. It is no part of `World`, so that what the demo
/// shows stays as it is. Nobody attacks anybody, and honest people do here too what the attacks look like: they fly, use
/// a relay in another country, collect the rent of a shared flat, mistype, and shops have their one busy day.
package struct Bank: Sendable {
  /// In order of time.
  package let events: [EventRecord]

  /// About `events` events in whole days from `start`: 60 % of customers, 30 % of shops, 10 % of offices. The last of
  /// each kind lives its days to the end, so there are more by what three of them do.
  package init(
    seed: UInt64, days: Int = 30, events: Int, start: Timestamp = World.usualStart
  ) {
    precondition((1...3660).contains(days), "a bank's month lasts between one day and ten years")
    precondition((0...10_000_000).contains(events), "a bank has at most 10,000,000 events")
    var ledger = Ledger(start: start, days: days)
    func open(
      until goal: Int, _ one: (Int, inout SeededRandom, inout Ledger) -> Void, _ name: String
    ) {
      var number = 0
      // The second bound ends a month so short that hardly anybody acts in it.
      while ledger.count < goal && number < goal + 100 {
        var random = SeededRandom(seed: seed, purpose: "\(name) \(number)")
        one(number, &random, &ledger)
        number += 1
      }
    }
    open(
      until: events * 6 / 10,
      { number, random, ledger in
        var customer = BankCustomer(number: number, random: &random)
        customer.live(&random, into: &ledger)
      }, "customer")
    open(
      until: events * 9 / 10,
      { number, random, ledger in
        Shop(number: number, random: &random).trade(&random, into: &ledger)
      },
      "shop")
    open(
      until: events,
      { number, random, ledger in Ledger.connect(office: number, &random, into: &ledger) }, "office"
    )
    self.events = ledger.finished()
  }
}

/// What has happened so far at a bank that is being made up.
struct Ledger {
  let start: Timestamp
  let days: Int
  private var records: [EventRecord] = []

  init(start: Timestamp, days: Int) {
    self.start = start
    self.days = days
  }

  var count: Int { records.count }

  /// Notes an event at an hour of a day, such as 25.5 for half past one of the next; outside the month it is forgotten.
  mutating func add(
    _ kind: String, _ day: Int, _ hour: Double, entity: String, _ fields: [String: Value]
  ) {
    let time = start + .days(Int64(day)) + .seconds(Int64((hour * 3600).rounded()))
    guard time >= start, time < start + .days(Int64(days)) else { return }
    records.append(
      EventRecord(
        time: time, id: "", source: "generic-jsonl", kind: kind, fields: fields,
        primaryField: entity))
  }

  /// By time, then by order of invention, each with an id that tells nothing.
  consuming func finished() -> [EventRecord] {
    var records = records
    let order = records.indices.sorted { (records[$0].time, $0) < (records[$1].time, $1) }
    records = order.map { records[$0] }
    let base = StableHash.of("bank".utf8)
    for place in records.indices {
      records[place].id = EventID.of(StableHash.of(base, UInt64(place)))
    }
    return records
  }

  /// An office or a partner whose router connects in working hours: an address, and no name.
  static func connect(office number: Int, _ random: inout SeededRandom, into ledger: inout Ledger) {
    let address = "192.0.2.\(number % 254 + 1)"
    let daily = random.uniform(1, 7)
    for day in 0..<ledger.days where day % 7 < 5 || random.chance(0.2) {
      for _ in 0..<random.poisson(mean: daily) {
        let hour = random.uniform(6.5, 19)
        ledger.add("connect", day, hour, entity: "src_ip", ["src_ip": .text(address)])
        ledger.add(
          "disconnect", day, hour + random.uniform(0.1, 3), entity: "src_ip",
          ["src_ip": .text(address)])
      }
    }
  }
}
