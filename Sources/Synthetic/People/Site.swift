import Primitives

/// A place of work with its clock and its free days.
struct Site {
  static let plans: [(name: String, zone: Int32, weight: Double)] = [
    ("london", 0, 0.27), ("berlin", 3600, 0.3), ("new-york", -18_000, 0.22),
    ("bangalore", 19_800, 0.14), ("singapore", 28_800, 0.07),
  ]

  let name: UInt32
  /// The first octets of its network.
  let network: String
  let days: [LocalDay]
  /// Public holidays, by number of the day.
  let holidays: Set<Int>
  /// Days on which sign-in failed for everybody in the morning, with the hour.
  let outages: [Int: Double]

  init(plan: Int, seed: UInt64, log: inout Log) {
    let (text, zone, _) = Site.plans[plan]
    var random = SeededRandom(seed: seed, purpose: "site \(text)")
    name = log.name(text)
    network = "10.\(20 + plan)"
    days = log.days(zone: zone)
    var holidays: Set<Int> = []
    var outages: [Int: Double] = [:]
    for day in days where !day.isWeekend {
      if random.chance(0.035) { holidays.insert(day.number) }
      if random.chance(0.03) { outages[day.number] = random.uniform(8.5, 16) }
    }
    self.holidays = holidays
    self.outages = outages
  }

  func isFree(_ day: LocalDay) -> Bool { day.isWeekend || holidays.contains(day.number) }
}
