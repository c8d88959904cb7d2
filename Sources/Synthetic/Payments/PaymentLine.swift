import Primitives

/// Writes payments as event lines of the source `card-transactions`, a million a second.
enum PaymentLine {
  static func append(
    _ payment: Payment, merchant: PaymentTown.Merchant, home: Int, to line: inout [UInt8]
  ) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { space in
      guard let start = space.baseAddress else { return }
      var pen = Pen(start)
      pen.write("{\"time\":\"")
      pen.write(payment.time)
      pen.write("\",\"id\":\"p")
      pen.write(payment.number, digits: 10)
      pen.write("\",\"source\":\"card-transactions\",\"kind\":\"transaction\",\"amount\":")
      pen.write(cents: payment.cents)
      pen.write(",\"card\":\"c")
      pen.write(payment.person, digits: 7)
      pen.write("\",\"category\":\"")
      pen.write(PaymentTown.categories[merchant.category].name)
      pen.write(merchant.isOnline ? "\",\"channel\":\"online" : "\",\"channel\":\"card_present")
      pen.write("\",\"country\":\"")
      pen.write(PaymentTown.countries[merchant.country].name)
      pen.write("\",\"currency\":\"")
      pen.write(PaymentTown.countries[home].currency)
      switch payment.device {
      case .own?:
        pen.write("\",\"device\":\"d")
        pen.write(payment.person, digits: 7)
      case .strange(let number)?:
        pen.write("\",\"device\":\"x")
        pen.write(Int(number), digits: 7)
      case nil: break
      }
      pen.write("\",\"merchant\":\"m")
      pen.write(payment.merchant, digits: 6)
      pen.write("\",\"terminal\":\"t")
      pen.write(payment.terminal, digits: 7)
      pen.write("\",\"user\":\"u")
      pen.write(payment.person, digits: 7)
      pen.write("\"}\n")
      line.append(contentsOf: UnsafeBufferPointer(start: start, count: pen.count))
    }
  }
}

/// Writes texts and numbers into memory that is large enough for one line.
private struct Pen {
  private let start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0

  init(_ start: UnsafeMutablePointer<UInt8>) { self.start = start }

  mutating func write(_ text: StaticString) {
    (start + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count &+= text.utf8CodeUnitCount
  }

  mutating func write(_ text: String) {
    for byte in text.utf8 {
      start[count] = byte
      count &+= 1
    }
  }

  /// With leading zeros to at least so many digits.
  mutating func write(_ number: Int, digits: Int) {
    var length = digits
    var limit = 1
    for _ in 0..<digits { limit &*= 10 }
    while number >= limit && length < 19 {
      length &+= 1
      limit &*= 10
    }
    var rest = UInt64(number)
    for place in stride(from: length - 1, through: 0, by: -1) {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      start[count &+ place] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
      rest = quotient
    }
    count &+= length
  }

  /// `12.5`, `12.05`, `12`: a number in its shortest form.
  mutating func write(cents: Int) {
    write(cents / 100, digits: 1)
    let part = cents % 100
    if part == 0 { return }
    start[count] = UInt8(ascii: ".")
    count &+= 1
    if part % 10 == 0 { write(part / 10, digits: 1) } else { write(part, digits: 2) }
  }

  /// RFC 3339 in UTC with microseconds.
  mutating func write(_ time: Timestamp) {
    let civil = CivilTime(time)
    write(civil.year, digits: 4)
    write("-")
    write(civil.month, digits: 2)
    write("-")
    write(civil.day, digits: 2)
    write("T")
    write(civil.hour, digits: 2)
    write(":")
    write(civil.minute, digits: 2)
    write(":")
    write(civil.second, digits: 2)
    write(".")
    write(civil.microsecond, digits: 6)
    write("Z")
  }
}
