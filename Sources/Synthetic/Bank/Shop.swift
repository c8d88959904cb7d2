import Detection
import Primitives

/// A shop with a terminal: a few card payments a day, and what the terminal itself reports of them each evening.
struct Shop {
  private let terminal: String
  private let merchant: String
  /// Card payments a day: from a stall with hardly any to a busy shop.
  private let trade: Double
  private let amount: Double
  /// The day of a market or a sale, where there is one, and how much more is sold on it.
  private let feast: (day: Int, times: Double)?

  init(number: Int, random: inout SeededRandom) {
    terminal = "TB\(7_000 + number)"
    merchant = "shop-\(7_000 + number)"
    trade = min(40, random.exponential(mean: 5))
    amount = random.uniform(6, 90)
    feast = random.chance(0.08) ? (random.below(30), random.uniform(2, 5)) : nil
  }

  /// The whole month; closed on Sundays.
  func trade(_ random: inout SeededRandom, into ledger: inout Ledger) {
    for day in 0..<ledger.days where day % 7 != 6 {
      let times = feast.map { $0.day == day % 30 ? $0.times : 1 } ?? 1
      var taken = 0.0
      for _ in 0..<random.poisson(mean: trade * times) {
        // Regulars come again and again.
        let card =
          random.chance(0.5) ? "\(terminal)-R\(random.below(40))" : "CB\(random.below(900_000))"
        let price = (random.uniform(0.3, 2.5) * amount * 100).rounded() / 100
        taken += price
        ledger.add(
          "transaction", day, random.uniform(8, 19), entity: "card",
          [
            "card": .text(card), "terminal": .text(terminal), "merchant": .text(merchant),
            "amount": .number(price), "currency": .text("EUR"), "channel": .text("card_present"),
          ])
      }
      ledger.add(
        "transaction", day, random.uniform(19.2, 20), entity: "terminal",
        [
          "terminal": .text(terminal), "merchant": .text(merchant),
          "amount": .number((taken * 100).rounded() / 100), "currency": .text("EUR"),
          "channel": .text("settlement"),
        ])
    }
  }
}
