import Glibc
import Primitives

/// The shops, their terminals and the towns where people live.
struct Market {
  struct Shop {
    let name: UInt32
    let terminals: [UInt32]
  }

  struct Town {
    let zone: Int32
    let currency: String
  }

  static let towns =
    [0, 0, 0].map { Town(zone: $0, currency: "GBP") }
    + [3600, 3600, 3600, 3600, 7200].map { Town(zone: $0, currency: "EUR") }
    + [-18_000, -18_000, -21_600, -28_800].map { Town(zone: $0, currency: "USD") }

  /// Names of the categories, by their order.
  let categories: [UInt32]
  private let online: [[Shop]]
  /// By town, then by category.
  private let local: [[[Shop]]]

  init(seed: UInt64, log: inout Log) {
    var random = SeededRandom(seed: seed, purpose: "market")
    var nextShop = 1000
    var nextTerminal = 10_000
    func open(_ terminals: Int, _ log: inout Log) -> Shop {
      nextShop += 1
      let machines = (0..<terminals).map { _ in
        nextTerminal += 1
        return log.name("T\(nextTerminal)")
      }
      return Shop(name: log.name("M\(nextShop)"), terminals: machines)
    }
    categories = Category.allCases.map { log.name($0.facts.name) }
    online = Category.allCases.map { category in
      (0..<category.facts.merchants).map { _ in open(0, &log) }
    }
    local = Market.towns.map { _ in
      Category.allCases.map { category in
        (0..<max(2, category.facts.merchants / 5)).map { _ in open(1 + random.below(5), &log) }
      }
    }
  }

  /// A shop drawn by fame: the first are visited far more often than the last.
  func shop(_ category: Category, town: Int?, random: inout SeededRandom) -> Shop {
    let shops = town.map { local[$0][category.rawValue] } ?? online[category.rawValue]
    return shops[Int(pow(random.uniform(), 2) * Double(shops.count))]
  }
}
