import Glibc
import Primitives

/// One holder of a card: how much, where and when this person buys.
struct Cardholder {
  let habit: Customers.Habit
  let town: Int
  let market: Market
  let card: UInt32
  let wallet: Wallet
  /// The holder's own phone or computer; 0 where payments do not name it.
  let device: UInt32
  /// Everyday purchases a day, in shops and on the net.
  let shopRate: Double
  let onlineRate: Double
  /// Amounts relative to other people's.
  let wealth: Double
  /// How much this holder buys of each category, in shops and on the net.
  let shopTastes: [Double]
  let onlineTastes: [Double]
  /// The shops gone to by habit.
  let favourites: [[Market.Shop]]
  let onlineFavourites: [[Market.Shop]]
  /// Hours by which this person is later than others.
  let lateness: Double
  let payDay: Int
  var random: SeededRandom

  init(
    number: Int, habit: Customers.Habit, town: Int, market: Market, random: SeededRandom,
    log: inout Log
  ) {
    var random = random
    self.habit = habit
    self.town = town
    self.market = market
    card = log.name("C\(100_000 + number)")
    let domains = ["gmail.com", "yahoo.com", "outlook.com", "icloud.com", "proton.me", "gmx.net"]
    let domain = domains[random.index(weights: [40, 15, 18, 12, 6, 9])]
    wallet = Wallet(
      currency: Market.towns[town].currency, emailDomain: random.chance(0.9) ? domain : nil)
    device = random.chance(0.7) ? log.name("D\(100_000 + number)") : 0
    let activity = habit == .rarely ? random.uniform(0.08, 0.35) : exp(random.normal() * 0.5)
    let share = [0.05, 0.35, 0.5, 0.65, 0.95][random.index(weights: [1, 3, 4, 3, 1])]
    shopRate = 1.35 * activity * share
    onlineRate = 1.1 * activity * (1 - share)
    wealth = exp(random.normal() * 0.35)
    shopTastes = Category.allCases.map { $0.facts.inShops * exp(random.normal() * 0.6) }
    onlineTastes = Category.allCases.map { $0.facts.online * exp(random.normal() * 0.7) }
    favourites = Category.allCases.map { category in
      (0..<(1 + random.below(3))).map { _ in
        market.shop(category, town: town, random: &random)
      }
    }
    onlineFavourites = Category.allCases.map { category in
      (0..<(1 + random.below(4))).map { _ in
        market.shop(category, town: nil, random: &random)
      }
    }
    lateness = random.normal(mean: 0, deviation: 0.9)
    payDay = [1, 1, 15, 25, 27, 28][random.below(6)]
    self.random = random
  }

  /// The whole time of the world.
  mutating func live(_ days: [LocalDay], into log: inout Log) {
    let quiet = silence(days.count)
    let bills = standingOrders(log: &log)
    let trip = random.chance(0.05) ? random.below(max(1, days.count)) : -99
    let away = (town + 1 + random.below(Market.towns.count - 1)) % Market.towns.count
    for day in days {
      settle(bills, day, into: &log)
      if quiet.contains(day.number) { continue }
      if day.number == quiet.upperBound && random.chance(0.3) {
        buyBig(day, into: &log)
      }
      let since = (day.dayOfMonth - payDay + 31) % 31
      let mood = since < 4 ? 1.7 : since > 24 ? 0.75 : 1
      let place = (trip..<(trip + 7)).contains(day.number) ? away : nil
      buyEveryday(day, mood: mood, away: place, into: &log)
      buyUnusual(day, isPayDay: since == 0, into: &log)
    }
  }

  /// One in three does not use the card for 8 to 18 days, and some of them come back with a big purchase.
  private mutating func silence(_ days: Int) -> Range<Int> {
    guard random.chance(0.33) else { return -1 ..< -1 }
    let first = random.below(max(1, days))
    return first..<(first + 8 + random.below(11))
  }

  private mutating func buyEveryday(
    _ day: LocalDay, mood: Double, away: Int?, into log: inout Log
  ) {
    let weekend = day.isWeekend ? 1.25 : 0.92
    for _ in 0..<random.poisson(mean: shopRate * mood * weekend * (away == nil ? 1 : 1.6)) {
      let category = pick(shopTastes, weekend: day.isWeekend)
      buy(category, day, at: hour(of: category), away: away, into: &log)
    }
    for _ in 0..<random.poisson(mean: onlineRate * mood) {
      let category = pick(onlineTastes, weekend: day.isWeekend)
      pay(category, day, at: hour(of: category), into: &log)
    }
  }

  private mutating func pick(_ tastes: [Double], weekend: Bool) -> Category {
    guard weekend else { return Category.allCases[random.index(weights: tastes)] }
    let weights = Category.allCases.map { tastes[$0.rawValue] * $0.facts.weekend }
    return Category.allCases[random.index(weights: weights)]
  }

  mutating func hour(of category: Category) -> Double {
    let peaks = category.facts.peaks
    let hour = random.normal(mean: peaks[random.below(peaks.count)] + lateness, deviation: 1.6)
    return hour < 5 && category != .subscription ? random.uniform(8, 22) : max(0, hour)
  }

  /// An amount as such things cost, in cents, many of them just below a round price.
  mutating func price(_ category: Category, wealthy: Bool = true) -> Double {
    if category == .cash || category == .giftCard || category == .transfer
      || category == .charity
    {
      return roundPrice(category)
    }
    let facts = category.facts
    var amount = facts.median * exp(random.normal() * facts.spread) * (wealthy ? wealth : 1)
    if amount > 5 && random.chance(0.35) {
      amount = amount.rounded() - (random.chance(0.6) ? 0.01 : 0.05)
    }
    if category == .restaurant && random.chance(0.25) { amount = amount.rounded() }
    return max(0.5, (min(amount, 9000) * 100).rounded() / 100)
  }

  private mutating func roundPrice(_ category: Category) -> Double {
    switch category {
    case .cash: return [20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400][random.below(11)]
    case .giftCard: return [10, 15, 20, 25, 50, 50, 100, 200][random.below(8)]
    case .transfer:
      let typical = [50.0, 100, 100, 150, 200, 200, 250, 300, 500, 1000][random.below(10)]
      return random.chance(0.8) ? typical : (typical * random.uniform(0.5, 1.5)).rounded()
    default: return [5, 10, 20, 25, 50, 100, 100, 500][random.below(8)]
    }
  }

  // MARK: buying

  /// A purchase at a terminal, at home or where the holder is travelling.
  mutating func buy(
    _ category: Category, _ day: LocalDay, at hour: Double, away: Int? = nil,
    amount: Double? = nil, into log: inout Log
  ) {
    let known = favourites[category.rawValue]
    let shop =
      away == nil && random.chance(0.72)
      ? known[random.below(known.count)]
      : market.shop(category, town: away ?? town, random: &random)
    let terminal = shop.terminals[random.below(shop.terminals.count)]
    let here = away.map { Market.towns[$0].zone } ?? day.zone
    // Abroad the same hour shows on another clock.
    let shift = Double(day.zone - here) / 3600
    log.add(
      .purchase, at: day.time(hour + shift), zone: here, actor: card, with: shop.name,
      via: terminal, about: market.categories[category.rawValue],
      measure: amount ?? price(category))
  }

  /// A payment on the net.
  mutating func pay(
    _ category: Category, _ day: LocalDay, at hour: Double, amount: Double? = nil,
    to shop: Market.Shop? = nil, into log: inout Log
  ) {
    let known = onlineFavourites[category.rawValue]
    let shop =
      shop
      ?? (random.chance(0.6)
        ? known[random.below(known.count)]
        : market.shop(category, town: nil, random: &random))
    log.add(
      .payment, at: day.time(hour), zone: day.zone, actor: card, with: shop.name,
      via: random.chance(0.93) ? device : 0, about: market.categories[category.rawValue],
      measure: amount ?? price(category))
  }
}
