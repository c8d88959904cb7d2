import Primitives
import Testing

@testable import Synthetic

@Suite("Made-up payments")
struct PaymentTests {
  private static let start = Timestamp(seconds: 1_772_409_600)

  private func stream(
    _ count: Int, users: Int = 500, rate: Double = 0.5, fraud: Double = 0.01, seed: UInt64 = 3
  ) -> [Payment] {
    var stream = PaymentStream(
      users: users, rate: rate, fraudRate: fraud, seed: seed, start: Self.start)
    return (0..<count).map { _ in stream.next() }
  }

  private func text(_ count: Int, seed: UInt64) -> [UInt8] {
    var stream = PaymentStream(
      users: 100, rate: 10, fraudRate: 0.05, seed: seed, start: Self.start)
    var bytes: [UInt8] = []
    for _ in 0..<count {
      let payment = stream.next()
      stream.append(payment, to: &bytes)
    }
    return bytes
  }

  @Test("The same seed gives the same bytes, another seed others")
  func reproducible() {
    #expect(text(2000, seed: 1) == text(2000, seed: 1))
    #expect(text(2000, seed: 1) != text(2000, seed: 2))
  }

  @Test("A line says who paid whom, where and how much")
  func line() throws {
    let lines = String(decoding: text(400, seed: 1), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 400)
    #expect(lines[0].hasPrefix(#"{"time":"2026-03-02T00:00:00."#))
    #expect(lines[0].contains(#"Z","id":"p0000000000","source":"card-transactions","kind":"#))
    for line in lines {
      let event = try JSONValue.parse(String(line))
      #expect(event["source"]?.text == "card-transactions")
      #expect(event["kind"]?.text == "transaction")
      let cents = try #require(event["amount"]?.number) * 100
      #expect(abs(cents - cents.rounded()) < 1e-6)
      #expect(event["card"]?.text?.count == 8)
      #expect(event["user"]?.text?.dropFirst() == event["card"]?.text?.dropFirst())
      if event["device"] != nil { #expect(event["channel"]?.text == "online") }
      for key in ["category", "country", "currency", "merchant", "terminal"] {
        #expect(event[key]?.text?.isEmpty == false)
      }
    }
  }

  @Test("Payments come in order of time, as many a second as asked for")
  func pace() {
    let payments = stream(5000, rate: 50)
    #expect(zip(payments, payments.dropFirst()).allSatisfy { $0.time <= $1.time })
    let span = (payments[4999].time - payments[0].time).seconds
    #expect(abs(span - 100) < 0.1)
    #expect(payments.map(\.number) == Array(0..<5000))
  }

  @Test(
    "The share of frauds is what was asked for, in short streams and long ones",
    arguments: [(2000, 0.01, 1000.0), (100_000, 0.005, 2.0), (50_000, 0.2, 50.0), (20_000, 0, 1)])
  func share(count: Int, rate: Double, perSecond: Double) {
    let frauds = stream(count, rate: perSecond, fraud: rate).count { $0.fraud != nil }
    let wanted = rate * Double(count)
    #expect(abs(Double(frauds) - wanted) <= wanted.squareRoot() + 1)
  }

  @Test("A person is the same all along: merchants, country and device of their own")
  func stable() {
    let honest = stream(60_000, users: 100, fraud: 0)
    var merchants: [Int: [Int: Int]] = [:]
    for payment in honest {
      merchants[payment.person, default: [:]][payment.merchant, default: 0] += 1
    }
    // Six merchants that they keep going to take most of what they pay for.
    for (_, counts) in merchants {
      let all = counts.values.reduce(0, +)
      let usual = counts.values.sorted(by: >).prefix(6).reduce(0, +)
      #expect(Double(usual) > 0.75 * Double(all))
    }
    let strange = honest.count { if case .strange? = $0.device { true } else { false } }
    #expect(strange > 0 && strange < honest.count / 30)
  }

  @Test("Fraud changes more than the amount: place, device, hour and tempo")
  func fraudsDiffer() throws {
    let payments = stream(100_000, users: 2000, rate: 0.05, fraud: 0.02)
    let town = PaymentTown(people: 2000, seed: 3)
    func share(_ payments: [Payment], _ holds: (Payment) -> Bool) -> Double {
      Double(payments.count(where: holds)) / Double(payments.count)
    }
    let frauds = payments.filter { $0.fraud != nil }
    let honest = payments.filter { $0.fraud == nil }
    #expect(Set(frauds.compactMap(\.fraud)) == Set(Payment.Fraud.allCases))
    func isAbroad(_ payment: Payment) -> Bool {
      town.merchants[payment.merchant].country != town.people[payment.person].country
    }
    func isStrange(_ payment: Payment) -> Bool {
      if case .strange? = payment.device { true } else { false }
    }
    #expect(share(frauds, isAbroad) > 1.5 * share(honest, isAbroad))
    #expect(share(frauds, isStrange) > 10 * share(honest, isStrange))
    // No one of these alone gives fraud away: honest people do it too.
    #expect(share(honest, isAbroad) > 0.02)
    func mean(_ payments: [Payment]) -> Double {
      payments.reduce(0) { $0 + Double($1.cents) } / Double(payments.count)
    }
    #expect(mean(frauds) > 1.3 * mean(honest))
    // The same card again within ten minutes.
    func quick(_ wanted: (Payment) -> Bool) -> Double {
      var last: [Int: Timestamp] = [:]
      var (quick, all) = (0, 0)
      for payment in payments {
        if wanted(payment) {
          all += 1
          if let before = last[payment.person], payment.time - before < .minutes(10) { quick += 1 }
        }
        last[payment.person] = payment.time
      }
      return Double(quick) / Double(all)
    }
    #expect(quick { $0.fraud != nil } > 3 * quick { $0.fraud == nil })
    let tests = frauds.filter { $0.fraud == .cardTesting }
    #expect(share(tests) { $0.cents < 400 } > 0.7)
    // An hour in which this person hardly ever pays.
    func isOddHour(_ payment: Payment) -> Bool {
      let hour = CivilTime(payment.time).hour
      return PaymentTown.hours[town.people[payment.person].habit][hour] < 0.1
    }
    #expect(share(frauds, isOddHour) > 1.25 * share(honest, isOddHour))
  }
}
