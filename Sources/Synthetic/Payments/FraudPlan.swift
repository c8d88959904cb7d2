import Primitives

/// Plans frauds so that their share of all payments is what was asked for, and hands out their payments when due.
///
/// After n payments, the number of fraudulent ones is off by at most the square root of what it should be: frauds come in
/// stories whose payments bunch, and a story that lasts longer than the stream is made up for by another.
/// A fraud is a story of several payments on one victim, or of one terminal and many victims. It differs from what its
/// victim does in where, when, how often, on which device and for how much; no one of these alone gives it away.
struct FraudPlan {
  private let town: PaymentTown
  private let rate: Double
  private var random: SeededRandom
  private var given = 0
  /// A heap by time; equal times by the order of planning.
  private var steps: [(at: Int64, serial: Int, payment: Payment)] = []
  private var serial = 0

  init(town: PaymentTown, rate: Double) {
    self.town = town
    self.rate = rate
    random = SeededRandom(seed: town.seed, purpose: "fraud")
  }

  /// The fraudulent payment that is due at a time, where one is.
  mutating func due(at time: Int64, payments: Int) -> Payment? {
    if rate <= 0 { return nil }
    let wanted = rate * Double(payments + 1)
    let slack = wanted.squareRoot()
    if Double(given) + min(Double(steps.count), slack) < wanted { planNext(at: time) }
    guard let first = steps.first, first.at <= time, Double(given) < wanted + slack else {
      return nil
    }
    removeFirst()
    given += 1
    return first.payment
  }

  private mutating func planNext(at time: Int64) {
    let minute: Int64 = 60_000_000
    let person = random.below(town.people.count)
    switch random.index(weights: [0.35, 0.25, 0.25, 0.15]) {
    case 0: stolenCard(person, time, minute)
    case 1: cardTesting(person, time)
    case 2: accountTakeover(person, time, minute)
    default: compromisedTerminal(time, minute)
    }
  }

  /// A few large purchases of things that sell again, soon one after another, in another country.
  private mutating func stolenCard(_ person: Int, _ time: Int64, _ minute: Int64) {
    var at = time
    for _ in 0..<(3 + random.below(4)) {
      let merchant = merchant(resale: true, online: false, notIn: town.people[person].country)
      add(.stolenCard, at, person, merchant, nil, level: 0.7)
      at += minute * Int64(2 + random.below(20))
    }
  }

  /// Many tiny online payments within minutes from a strange device, then one that counts.
  private mutating func cardTesting(_ person: Int, _ time: Int64) {
    let device = Payment.Device.strange(UInt32(random.below(1 << 20)))
    var at = time
    for _ in 0..<(5 + random.below(8)) {
      let merchant = merchant(resale: false, online: true, notIn: nil)
      add(.cardTesting, at, person, merchant, device, cents: 50 + random.below(350))
      at += 1_000_000 * Int64(5 + random.below(50))
    }
    add(
      .cardTesting, at, person, merchant(resale: true, online: true, notIn: nil), device,
      level: 0.4)
  }

  /// The victim's own card and country, another device, larger sums, a while between them.
  private mutating func accountTakeover(_ person: Int, _ time: Int64, _ minute: Int64) {
    let device = Payment.Device.strange(UInt32(random.below(1 << 20)))
    var at = time
    for _ in 0..<(2 + random.below(3)) {
      let merchant = merchant(resale: true, online: true, notIn: nil)
      add(.accountTakeover, at, person, merchant, device, level: 0.5)
      at += minute * Int64(10 + random.below(60))
    }
  }

  /// One terminal copies cards: for hours, payments that none of their owners made are put through it.
  private mutating func compromisedTerminal(_ time: Int64, _ minute: Int64) {
    let merchant = merchant(resale: false, online: false, notIn: nil)
    var at = time
    for _ in 0..<(6 + random.below(6)) {
      add(.compromisedTerminal, at, random.below(town.people.count), merchant, nil, level: 0.2)
      at += minute * Int64(3 + random.below(25))
    }
  }

  private mutating func merchant(resale: Bool, online: Bool, notIn country: Int?) -> Int {
    var found = random.below(town.merchants.count)
    for _ in 0..<64 {
      let merchant = town.merchants[found]
      // Electronics, jewelry and travel sell again.
      let isResale = (6...8).contains(merchant.category)
      if merchant.isOnline == online && isResale == resale && merchant.country != country {
        return found
      }
      found = random.below(town.merchants.count)
    }
    return found
  }

  private mutating func add(
    _ fraud: Payment.Fraud, _ at: Int64, _ person: Int, _ merchant: Int, _ device: Payment.Device?,
    level: Double
  ) {
    let cents = PaymentStream.cents(
      town.merchants[merchant].level + town.people[person].spending + level, &random)
    add(fraud, at, person, merchant, device, cents: cents)
  }

  private mutating func add(
    _ fraud: Payment.Fraud, _ at: Int64, _ person: Int, _ merchant: Int, _ device: Payment.Device?,
    cents: Int
  ) {
    serial += 1
    let terminal = merchant * 4 + (fraud == .compromisedTerminal ? 0 : random.below(3))
    steps.append(
      (
        at, serial,
        Payment(
          time: Timestamp(microseconds: at), number: 0, person: person, merchant: merchant,
          terminal: terminal, device: device, cents: cents, fraud: fraud)
      ))
    var child = steps.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      steps.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func removeFirst() {
    steps.swapAt(0, steps.count - 1)
    steps.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [parent * 2 + 1, parent * 2 + 2] where child < steps.count {
        if isBefore(child, least) { least = child }
      }
      if least == parent { return }
      steps.swapAt(parent, least)
      parent = least
    }
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    (steps[a].at, steps[a].serial) < (steps[b].at, steps[b].serial)
  }
}
