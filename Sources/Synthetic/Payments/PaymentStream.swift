import Glibc
package import Primitives

/// Payments of people with habits, one after another in time, a share of them fraud.
///
/// Payments come evenly, `1 / rate` seconds apart with a little jitter; who pays depends on the hour in UTC. A card keeps to its
/// owner's country, merchants, amounts and device as people do: mostly, not always. The same arguments give the same stream.
package struct PaymentStream: Sendable {
  package static let defaultUsers = 10_000
  package static let defaultFraudRate = 0.005

  private let town: PaymentTown
  private let start: Int64
  private let rate: Double
  private var random: SeededRandom
  private var plan: FraudPlan
  private var number = 0
  private var hour = 0
  private var hourEnd = Int64.min

  /// - Parameters:
  ///   - rate: payments a second.
  ///   - fraudRate: the share of payments that are fraud, below 1.
  package init(users: Int, rate: Double, fraudRate: Double, seed: UInt64, start: Timestamp) {
    precondition(users > 0 && rate > 0, "a stream of payments needs people and a rate")
    precondition(fraudRate >= 0 && fraudRate < 1, "a share of frauds is below 1")
    town = PaymentTown(people: users, seed: seed)
    self.start = start.microseconds
    self.rate = rate
    random = SeededRandom(seed: seed, purpose: "payments")
    plan = FraudPlan(town: town, rate: fraudRate)
  }

  /// The next payment in time.
  package mutating func next() -> Payment {
    // Jitter below the distance between payments keeps them in order.
    let offset = (Double(number) + random.uniform()) / rate * 1e6
    let time = start &+ (Int64(exactly: offset.rounded(.down)) ?? 0)
    if time >= hourEnd { enterHour(time) }
    var payment = plan.due(at: time, payments: number) ?? honest()
    payment.time = Timestamp(microseconds: time)
    payment.number = number
    number += 1
    return payment
  }

  private mutating func enterHour(_ time: Int64) {
    let (hours, _) = time.flooredDivision(by: 3_600_000_000)
    hour = Int(hours.flooredDivision(by: 24).remainder)
    hourEnd = (hours + 1) * 3_600_000_000
  }

  private mutating func honest() -> Payment {
    var person = random.below(town.people.count)
    // Somebody who rarely pays in this hour mostly leaves it to another.
    for _ in 0..<3
    where random.uniform() >= PaymentTown.hours[town.people[person].habit][hour] {
      person = random.below(town.people.count)
    }
    let owner = town.people[person]
    let merchant = merchant(of: owner)
    let place = town.merchants[merchant]
    return Payment(
      time: Timestamp(microseconds: 0), number: 0, person: person, merchant: merchant,
      terminal: merchant * 4 + random.below(3),
      device: place.isOnline ? device() : nil,
      cents: PaymentStream.cents(place.level + owner.spending, &random), fraud: nil)
  }

  /// New phones and a friend's computer happen to honest people too.
  private mutating func device() -> Payment.Device {
    random.chance(0.02) ? .strange(UInt32(random.below(1 << 20))) : .own
  }

  private mutating func merchant(of person: PaymentTown.Person) -> Int {
    if random.chance(0.12) { return random.below(town.merchants.count) }
    let usual = person.usual
    switch random.below(6) {
    case 0: return Int(usual.0)
    case 1: return Int(usual.1)
    case 2: return Int(usual.2)
    case 3: return Int(usual.3)
    case 4: return Int(usual.4)
    default: return Int(usual.5)
    }
  }

  /// Log-normal around a level, between 0.50 and 20,000.
  static func cents(_ level: Double, _ random: inout SeededRandom) -> Int {
    let amount = exp(level + 0.5 * random.normal()) * 100
    return min(2_000_000, max(50, Int(exactly: amount.rounded()) ?? 50))
  }

  // MARK: as event lines

  /// Appends a payment as an event line with its line feed.
  package func append(_ payment: Payment, to line: inout [UInt8]) {
    PaymentLine.append(
      payment, merchant: town.merchants[payment.merchant],
      home: town.people[payment.person].country,
      to: &line)
  }
}
