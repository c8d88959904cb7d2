import Primitives

/// What people buy: how much it costs, when and how it is bought.
enum Category: Int, CaseIterable {
  case grocery, fuel, restaurant, retail, pharmacy, transit, entertainment, electronics, furniture
  case travel, jewelry, cash
  case onlineRetail, delivery, digital, gaming, subscription, utilities, giftCard, transfer
  case charity, supplies

  struct Facts {
    let name: String
    /// Median amount in the card's currency, and the spread of its logarithm.
    let median: Double
    let spread: Double
    /// How often, relative to the others, in a shop and on the net.
    let inShops: Double
    let online: Double
    /// Hours around which it is bought.
    let peaks: [Double]
    let weekend: Double
    let merchants: Int
  }

  var facts: Facts { Category.table[rawValue] }

  private static let table: [Facts] = [
    fact("grocery", 34, 0.6, 30, 3, [11, 17.5, 18.5], 1.35, 60),
    fact("fuel", 48, 0.35, 8, 0, [8, 17.5], 1, 40),
    fact("restaurant", 24, 0.6, 18, 0, [12.6, 19.5], 1.3, 120),
    fact("retail", 42, 0.8, 11, 0, [13, 16.5], 1.7, 100),
    fact("pharmacy", 17, 0.6, 5, 1, [10.5, 17], 0.8, 30),
    fact("transit", 3.2, 0.25, 5, 0, [8, 17.6], 0.5, 8),
    fact("entertainment", 21, 0.6, 5, 3, [19.5], 1.8, 30),
    fact("electronics", 130, 0.9, 1.4, 3, [13, 17, 20.5], 1.5, 25),
    fact("furniture", 420, 0.8, 0.35, 0.4, [14], 2, 15),
    fact("travel", 310, 0.9, 0.3, 1.6, [11, 20.5], 1, 25),
    fact("jewelry", 190, 1, 0.15, 0.1, [15], 1.5, 12),
    fact("cash", 80, 0.7, 0, 0, [12, 17.5], 1, 40),
    fact("online_retail", 37, 0.85, 0, 40, [12.5, 20.7], 1.2, 150),
    fact("delivery", 26, 0.4, 0, 14, [12.2, 19.3], 1.5, 25),
    fact("digital", 8.5, 0.7, 0, 12, [16, 21.5], 1.2, 25),
    fact("gaming", 4.99, 0.6, 0, 1.2, [20.5, 22.5], 1.5, 12),
    fact("subscription", 11, 0.5, 0, 0, [4], 1, 40),
    fact("utilities", 95, 0.45, 0, 0, [6], 1, 15),
    fact("gift_card", 50, 0.6, 0.5, 1, [15, 19], 1.2, 15),
    fact("transfer", 180, 0.7, 0, 0.5, [12, 19], 1, 10),
    fact("charity", 40, 0.8, 0, 0.5, [20], 1, 15),
    fact("supplies", 85, 1.1, 0, 0.3, [10.5, 14.5], 0.2, 40),
  ]

  private static func fact(
    _ name: String, _ median: Double, _ spread: Double, _ inShops: Double, _ online: Double,
    _ peaks: [Double], _ weekend: Double, _ merchants: Int
  ) -> Facts {
    Facts(
      name: name, median: median, spread: spread, inShops: inShops, online: online, peaks: peaks,
      weekend: weekend, merchants: merchants)
  }
}
