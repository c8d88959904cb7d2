import Glibc
import Primitives

/// The people who pay and the merchants whom they pay, for a stream of any length: who somebody is never changes.
///
/// A person has a home, a level of spending, hours of the day, a card, a device and merchants that they keep going to. A
/// merchant has a category with its usual amounts, a country and terminals. Everything is drawn from the seed alone,
/// so the same seed with more people has the same first people.
struct PaymentTown {
  struct Merchant {
    var category: Int
    var country: Int
    /// Of the logarithm of amounts.
    var level: Double
    var isOnline: Bool
  }

  struct Person {
    var country: Int
    /// Added to the logarithm of amounts.
    var spending: Double
    /// Which hours: 0 by day, 1 in the evening, 2 at any time.
    var habit: Int
    var usual: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)
  }

  /// Name, the mean of the logarithm of its amounts, and the share of merchants that sell online.
  static let categories: [(name: String, level: Double, online: Double)] = [
    ("grocery", 3.3, 0.1), ("gas", 3.6, 0), ("restaurant", 3.2, 0.1), ("clothing", 4.0, 0.6),
    ("pharmacy", 2.9, 0.2), ("entertainment", 3.1, 0.7), ("travel", 5.0, 0.8),
    ("electronics", 5.2, 0.7), ("jewelry", 5.4, 0.4), ("utilities", 4.3, 1),
  ]
  static let countries: [(name: String, currency: String)] = [
    ("DE", "EUR"), ("FR", "EUR"), ("ES", "EUR"), ("IT", "EUR"), ("GB", "GBP"), ("PL", "PLN"),
    ("US", "USD"), ("BR", "BRL"),
  ]
  /// How likely each habit pays in each hour, against its busiest hour.
  static let hours: [[Double]] = [
    [
      0.02, 0.01, 0.01, 0.01, 0.02, 0.08, 0.3, 0.6, 0.8, 0.9, 1, 1, 1, 1, 0.9, 0.9, 0.9, 1, 0.9,
      0.6, 0.4, 0.2, 0.1, 0.05,
    ],
    [
      0.1, 0.05, 0.02, 0.01, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.5, 0.5, 0.6, 0.7,
      0.9, 1, 1, 1, 0.9, 0.6, 0.3,
    ],
    [Double](repeating: 0.6, count: 24),
  ]

  let seed: UInt64
  let people: [Person]
  let merchants: [Merchant]

  init(people count: Int, seed: UInt64) {
    self.seed = seed
    var random = SeededRandom(seed: seed, purpose: "merchants")
    merchants = (0..<max(60, count / 8)).map { _ in
      let category = random.below(PaymentTown.categories.count)
      let kind = PaymentTown.categories[category]
      // Half of the merchants are in the first country, so that most payments stay at home somewhere.
      let country = random.chance(0.5) ? 0 : random.below(PaymentTown.countries.count)
      return Merchant(
        category: category, country: country,
        level: kind.level + random.normal(mean: 0, deviation: 0.3),
        isOnline: random.chance(kind.online))
    }
    var homes = [[UInt32]](repeating: [], count: PaymentTown.countries.count)
    for (place, merchant) in merchants.enumerated() {
      homes[merchant.country].append(UInt32(place))
    }
    var births = SeededRandom(seed: seed, purpose: "people")
    let everywhere = UInt32(merchants.count)
    people = (0..<count).map { _ in
      let country = births.chance(0.5) ? 0 : births.below(PaymentTown.countries.count)
      let near = homes[country]
      func merchant() -> UInt32 {
        near.isEmpty || births.chance(0.1)
          ? UInt32(births.below(Int(everywhere))) : near[births.below(near.count)]
      }
      return Person(
        country: country, spending: births.normal(mean: 0, deviation: 0.4),
        habit: births.index(weights: [0.5, 0.35, 0.15]),
        usual: (merchant(), merchant(), merchant(), merchant(), merchant(), merchant()))
    }
  }
}
