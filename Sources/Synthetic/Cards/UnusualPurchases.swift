import Glibc
import Primitives

/// What honest people do with their cards that looks odd to a machine.
extension Cardholder {
  /// Something paid every month on its day.
  struct StandingOrder {
    let category: Category
    let shop: Market.Shop
    let dayOfMonth: Int
    let hour: Double
    let amount: Double
  }

  mutating func standingOrders(log: inout Log) -> [StandingOrder] {
    var orders: [StandingOrder] = []
    // Half of the cards pay nothing of the kind.
    guard random.chance(0.5) else { return [] }
    let bills = random.below(3)
    for place in 0..<(random.poisson(mean: 2.2) + bills) {
      let category = place < bills ? Category.utilities : .subscription
      orders.append(
        StandingOrder(
          category: category, shop: market.shop(category, town: nil, random: &random),
          dayOfMonth: 1 + random.below(28), hour: random.uniform(1, 8),
          amount: price(category)))
    }
    return orders
  }

  mutating func settle(_ orders: [StandingOrder], _ day: LocalDay, into log: inout Log) {
    for order in orders where order.dayOfMonth == day.dayOfMonth {
      let changed = order.category == .utilities ? random.normal(mean: 1, deviation: 0.08) : 1
      pay(
        order.category, day, at: order.hour + random.uniform(0, 0.2),
        amount: (order.amount * changed * 100).rounded() / 100, to: order.shop, into: &log)
    }
  }

  mutating func buyUnusual(_ day: LocalDay, isPayDay: Bool, into log: inout Log) {
    if random.chance(0.0018) { buyBig(day, into: &log) }
    if random.chance(0.009) { goShopping(day, into: &log) }
    if random.chance(habit == .rarely ? 0.02 : isPayDay ? 0.3 : 0.045) {
      buy(.cash, day, at: hour(of: .cash), into: &log)
    }
    if random.chance(0.0006) { giveAround(day, into: &log) }
    switch habit {
    case .gamer where random.chance(0.11): play(day, into: &log)
    case .commuter where !day.isWeekend:
      for at in [7.7, 17.4] where random.chance(0.85) {
        buy(
          .transit, day, at: random.normal(mean: at + lateness * 0.3, deviation: 0.2),
          amount: 2.8, into: &log)
      }
    case .buyer where !day.isWeekend && random.chance(0.22): order(day, into: &log)
    case .remitter where isPayDay || random.chance(0.03): remit(day, into: &log)
    case .reseller where random.chance(0.75): topUp(day, into: &log)
    default: break
    }
  }

  /// Furniture, a journey, a ring, a repair: 1,200 to 9,000 at once; sometimes a deposit and the rest.
  mutating func buyBig(_ day: LocalDay, into log: inout Log) {
    let category = [Category.furniture, .travel, .electronics, .jewelry][random.below(4)]
    var amount = min(9000, 1200 + random.exponential(mean: 1900))
    if random.chance(0.3) { amount = (amount / 50).rounded() * 50 }
    amount = (amount * 100).rounded() / 100
    if random.chance(0.65) {
      buy(category, day, at: random.uniform(10, 19), amount: amount, into: &log)
    } else {
      pay(category, day, at: random.uniform(9, 22), amount: amount, into: &log)
    }
    if random.chance(0.25) {
      buy(category, day, at: random.uniform(10, 19), into: &log)
    }
  }

  /// A shopping day: 5 to 15 purchases within two to six hours, or as many on the net within two.
  private mutating func goShopping(_ day: LocalDay, into log: inout Log) {
    let inShops = random.chance(0.55)
    let from = random.uniform(10, 19)
    let length = inShops ? random.uniform(2, 6) : random.uniform(0.4, 2)
    for _ in 0..<(5 + random.below(11)) {
      let at = from + random.uniform(0, length)
      if inShops {
        let category = [Category.retail, .retail, .restaurant, .electronics][random.below(4)]
        buy(category, day, at: at, into: &log)
      } else {
        pay(.onlineRetail, day, at: at, into: &log)
      }
    }
  }

  /// An evening of small purchases inside a game: 6 to 48, a minute or so apart.
  private mutating func play(_ day: LocalDay, into log: inout Log) {
    let shop = onlineFavourites[Category.gaming.rawValue][0]
    var at = random.uniform(15, 23)
    let pace = random.uniform(0.5, 2.5) / 60
    for _ in 0..<(6 + Int(random.exponential(mean: 11)) % 43) {
      let amount = [0.99, 1.99, 2.99, 4.99, 4.99, 9.99, 19.99][random.below(7)]
      pay(.gaming, day, at: at, amount: amount, to: shop, into: &log)
      at += random.exponential(mean: pace)
    }
  }

  /// A company's card: 8 to 45 orders or advertisements within half an hour to two hours.
  private mutating func order(_ day: LocalDay, into log: inout Log) {
    let from = random.uniform(9, 15)
    let length = random.uniform(0.5, 2)
    for _ in 0..<(8 + Int(random.exponential(mean: 9)) % 38) {
      pay(.supplies, day, at: from + random.uniform(0, length), into: &log)
    }
  }

  /// Money for the family: 1 to 5 round transfers on pay-day.
  private mutating func remit(_ day: LocalDay, into log: inout Log) {
    for _ in 0..<(1 + random.below(5)) {
      pay(.transfer, day, at: random.uniform(9, 22), into: &log)
    }
  }

  /// A corner shop that buys vouchers for its customers: 4 to 13 round amounts over the day.
  private mutating func topUp(_ day: LocalDay, into log: inout Log) {
    for _ in 0..<(4 + random.below(10)) {
      let amount = [10.0, 20, 20, 25, 50, 50, 100, 100, 200][random.below(9)]
      pay(.giftCard, day, at: random.uniform(8, 20), amount: amount, into: &log)
    }
  }

  /// Presents for colleagues or a party: 5 to 14 gift cards of one value.
  private mutating func giveAround(_ day: LocalDay, into log: inout Log) {
    let amount = [25.0, 50, 50, 100, 100, 200][random.below(6)]
    let shop = onlineFavourites[Category.giftCard.rawValue][0]
    var at = random.uniform(9, 18)
    for _ in 0..<(5 + random.below(10)) {
      pay(.giftCard, day, at: at, amount: amount, to: shop, into: &log)
      at += random.exponential(mean: 0.25)
    }
  }
}
