import Primitives

/// All holders of cards, with the shops they share.
struct Customers {
  /// What makes a holder's use of the card special; most have nothing special.
  enum Habit { case none, gamer, commuter, buyer, remitter, reseller, rarely }

  private static let habits: [(Habit, Int)] = [
    (.gamer, 3), (.commuter, 9), (.buyer, 2), (.remitter, 3), (.reseller, 1), (.rarely, 24),
    (.none, 58),
  ]

  private let seed: UInt64
  private let market: Market
  private let deal: [Habit]

  init(seed: UInt64, log: inout Log) {
    self.seed = seed
    market = Market(seed: seed, log: &log)
    var random = SeededRandom(seed: seed, purpose: "habits")
    deal = Customers.habits.flatMap { Array(repeating: $0.0, count: $0.1) }
      .shuffled(using: &random)
  }

  /// Issues cards until the log holds this many events.
  func shop(until goal: Int, into log: inout Log, wallets: inout [UInt32: Wallet]) {
    let days = Market.towns.map { log.days(zone: $0.zone) }
    let limit = goal * 4 + 100
    var issued = 0
    while log.count < goal && issued < limit {
      var random = SeededRandom(seed: seed, purpose: "card \(issued)")
      let town = random.below(Market.towns.count)
      var holder = Cardholder(
        number: issued, habit: deal[issued % deal.count], town: town, market: market,
        random: random, log: &log)
      wallets[holder.card] = holder.wallet
      holder.live(days[town], into: &log)
      issued += 1
    }
  }
}
