package import Detection
package import Primitives

/// A made-up month of a company, its customers' cards and its services: people with habits, not noise.
///
/// One seed gives one world, byte for byte. Nobody attacks anybody here and nothing is labelled, but honest people
/// do all the things that attacks look like: work at night, bursts, big and round purchases, blips, ramps.
/// Sources bear the ids of the real ones, so that rules, mappings and scenarios hold for both. Asking for more
/// events brings in more people; those who were there before do the same as ever. Records are spelled out as they are
/// asked for, so a large world takes little memory.
package struct World: RandomAccessCollection, Sendable {
  /// Monday, 2 March 2026, 00:00 UTC.
  package static let usualStart = Timestamp(seconds: 1_772_409_600)

  /// The fields that the events carry, for the schema of a run.
  package static let fields: [(name: String, type: FieldType)] = [
    ("user", .text), ("device", .text), ("src_ip", .text), ("site", .text), ("outcome", .text),
    ("card", .text), ("merchant", .text), ("terminal", .text), ("category", .text),
    ("amount", .number), ("currency", .text), ("channel", .text), ("email_domain", .text),
    ("series", .text), ("value", .number),
  ]

  package let seed: UInt64
  package let start: Timestamp
  package let end: Timestamp
  private let moments: [Moment]
  private let names: [String]
  private let wallets: [UInt32: Wallet]

  /// About `events` events (at most a few hundred more) in `days` whole days from `start`: 30 % sign-ins and
  /// devices, 45 % card payments and purchases, 25 % metrics.
  package init(
    seed: UInt64, days: Int = 30, events: Int = 200_000, start: Timestamp = World.usualStart
  ) {
    precondition((1...3660).contains(days), "a world lasts between one day and ten years")
    precondition((0...100_000_000).contains(events), "a world has at most 100,000,000 events")
    self.seed = seed
    self.start = start
    end = start + .days(Int64(days))
    var log = Log(start: start, end: end)
    Staff(seed: seed, log: log).work(until: events * 30 / 100, into: &log)
    var wallets: [UInt32: Wallet] = [:]
    Customers(seed: seed, log: &log).shop(
      until: events * 75 / 100, into: &log, wallets: &wallets)
    Services(seed: seed).report(until: events, into: &log)
    self.wallets = wallets
    (moments, names) = log.finished()
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { moments.count }

  /// The event with this place in time order.
  package subscript(place: Int) -> EventRecord { record(moments[place], place: place) }

  func time(at place: Int) -> Timestamp { Timestamp(microseconds: moments[place].time) }

  private func record(_ moment: Moment, place: Int) -> EventRecord {
    var fields: [String: Value]
    let source: String
    let kind: String
    let primary: String
    func text(_ name: UInt32) -> Value { .text(names[Int(name)]) }
    switch moment.shape {
    case .login, .failedLogin, .logoff:
      source = "cert-logon"
      kind = moment.shape == .logoff ? "logoff" : "login"
      primary = "user"
      fields = [
        "user": text(moment.actor), "device": text(moment.with), "src_ip": text(moment.via),
        "site": text(moment.about),
        "outcome": .text(moment.shape == .failedLogin ? "failure" : "success"),
      ]
    case .connect, .disconnect:
      source = "cert-device"
      kind = moment.shape == .connect ? "connect" : "disconnect"
      primary = "device"
      fields = [
        "user": text(moment.actor), "device": text(moment.with), "site": text(moment.about),
      ]
    case .payment, .purchase:
      let online = moment.shape == .payment
      source = online ? "ieee-cis" : "creditcard"
      kind = "transaction"
      primary = "card"
      fields = [
        "card": text(moment.actor), "merchant": text(moment.with), "category": text(moment.about),
        "amount": .number(moment.measure), "channel": .text(online ? "payment" : "card_present"),
      ]
      if moment.via != 0 { fields[online ? "device" : "terminal"] = text(moment.via) }
      if let wallet = wallets[moment.actor] {
        fields["currency"] = .text(wallet.currency)
        if online, let domain = wallet.emailDomain { fields["email_domain"] = .text(domain) }
      }
    case .metric:
      source = "nab"
      kind = "metric"
      primary = "series"
      fields = ["series": text(moment.actor), "value": .number(moment.measure)]
    }
    return EventRecord(
      time: Timestamp(microseconds: moment.time), id: World.id(place), source: source, kind: kind,
      fields: fields, primaryField: primary, zoneOffsetSeconds: moment.zone)
  }

  private static func id(_ place: Int) -> String {
    EventID.of(StableHash.of(UInt64(place)))
  }
}
