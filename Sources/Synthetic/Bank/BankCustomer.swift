import Detection
import Primitives

/// A customer of the made-up bank: signs in from home, work or a journey, is paid, and pays.
struct BankCustomer {
  private static let countries: [(String, Double)] = [
    ("DE", 40), ("AT", 15), ("CH", 12), ("FR", 12), ("NL", 9), ("PL", 7), ("IT", 5),
  ]
  private static let destinations = ["ES", "US", "TR", "GR", "TH", "GB"]

  private let user: String
  private let account: String
  private let device: String
  private let country: String
  private let homeAddress: String
  private let workAddress: String
  /// Sign-ins a day.
  private let activity: Double
  /// The chance to mistype the password once more.
  private let clumsiness: Double
  /// Of one who hides behind a relay now and then: its country.
  private let relay: String?
  private let rent: Double
  private let salary: Double
  private let payday: Int
  /// Of one who collects the rent of a shared flat: what each of the others pays.
  private let flatmates: [Double]
  /// Days abroad, and where.
  private var journey: (days: Range<Int>, country: String)?

  init(number: Int, random: inout SeededRandom) {
    user = "k\(20_000 + number)"
    account = "AC\(500_000 + number)"
    device = "APP-\(20_000 + number)"
    let weights = BankCustomer.countries.map(\.1)
    country = BankCustomer.countries[random.index(weights: weights)].0
    // One in eight shares an address with many others, as customers of mobile networks do.
    homeAddress =
      random.chance(0.125)
      ? "203.0.113.\(1 + random.below(3))"
      : "100.\(64 + random.below(60)).\(random.below(256)).\(1 + random.below(254))"
    workAddress = "203.0.113.\(10 + random.below(200))"
    activity = min(3, 0.25 + random.exponential(mean: 0.5))
    clumsiness = 0.02 + random.exponential(mean: 0.04)
    relay = random.chance(0.015) ? "NL" : nil
    rent = (random.uniform(4, 16) * 100).rounded()
    salary = (random.uniform(12, 60) * 100).rounded()
    payday = 22 + random.below(7)
    flatmates =
      random.chance(0.02)
      ? (0..<(2 + random.below(3))).map { _ in (random.uniform(3, 6) * 100).rounded() } : []
    if random.chance(0.12) {
      let first = random.below(28)
      let place = random.below(BankCustomer.destinations.count)
      journey = (first..<(first + 3 + random.below(12)), BankCustomer.destinations[place])
    }
  }

  /// The whole month, day by day.
  mutating func live(_ random: inout SeededRandom, into ledger: inout Ledger) {
    for day in 0..<ledger.days {
      let date = day % 30
      if date == payday { transfer("transfer_in", salary, day, random.uniform(3, 7), &ledger) }
      if date == 1 { payRent(day, &random, &ledger) }
      for _ in 0..<random.poisson(mean: 0.15) {
        transfer("transfer_out", bill(&random), day, random.uniform(4, 6), &ledger)
      }
      if random.chance(0.03) {
        transfer("transfer_in", bill(&random), day, random.uniform(6, 22), &ledger)
      }
      for _ in 0..<random.poisson(mean: activity) { visit(day, &random, &ledger) }
    }
  }

  /// Signs in, now and then after typing the password wrong, looks around, and sometimes pays.
  private func visit(_ day: Int, _ random: inout SeededRandom, _ ledger: inout Ledger) {
    var hour = random.chance(0.1) ? random.uniform(0, 24) : random.uniform(6.5, 23)
    var place = (country, hour > 9 && hour < 17 ? workAddress : homeAddress)
    if let journey, journey.days.contains(day) {
      // On the day of the flight nobody signs in between here and there.
      if day == journey.days.lowerBound && hour > 8 && hour < 20 { return }
      if day != journey.days.lowerBound || hour >= 20 {
        place = (journey.country, "198.18.\(random.below(256)).\(1 + random.below(254))")
      }
    } else if let journey, day == journey.days.upperBound, hour < 14 {
      return
    } else if let relay, random.chance(0.2) {
      place = (relay, "185.220.\(random.below(4)).\(1 + random.below(254))")
    }
    while random.chance(clumsiness) {
      signIn("failure", day, hour, place, &ledger)
      hour += random.uniform(4, 40) / 3600
    }
    signIn("success", day, hour, place, &ledger)
    if random.chance(0.3) {
      transfer(
        "transfer_out", random.chance(0.06) ? large(&random) : bill(&random), day,
        hour + random.uniform(1, 12) / 60, isByHand: true, &ledger)
    }
  }

  private func signIn(
    _ outcome: String, _ day: Int, _ hour: Double, _ place: (country: String, address: String),
    _ ledger: inout Ledger
  ) {
    ledger.add(
      "login", day, hour, entity: "user",
      [
        "user": .text(user), "device": .text(device), "country": .text(place.country),
        "src_ip": .text(place.address), "outcome": .text(outcome),
      ])
  }

  /// Rent leaves in the afternoon; who collects that of flatmates has it that morning.
  private func payRent(_ day: Int, _ random: inout SeededRandom, _ ledger: inout Ledger) {
    for share in flatmates {
      transfer("transfer_in", share, day, random.uniform(0.5, 9), &ledger)
    }
    let whole = flatmates.isEmpty ? rent : rent + flatmates.reduce(0, +)
    transfer("transfer_out", whole, day, random.uniform(10, 20), &ledger)
  }

  private func bill(_ random: inout SeededRandom) -> Double {
    ((2 + random.exponential(mean: 70)) * 100).rounded() / 100
  }

  private func large(_ random: inout SeededRandom) -> Double {
    (random.uniform(5, 40) * 100).rounded()
  }

  /// Money in or out; what the customer orders by hand names the customer too.
  private func transfer(
    _ channel: String, _ amount: Double, _ day: Int, _ hour: Double, isByHand: Bool = false,
    _ ledger: inout Ledger
  ) {
    var fields: [String: Value] = [
      "account": .text(account), "amount": .number(amount), "channel": .text(channel),
      "currency": .text("EUR"),
    ]
    if isByHand { fields["user"] = .text(user) }
    ledger.add("transaction", day, hour, entity: "account", fields)
  }
}
