import Primitives

/// Everybody and everything that signs in at the company.
struct Staff {
  /// What a sign-in belongs to; the mix is that of `roles`.
  enum Role { case office, onCall, traveller, shift, admin, service, kiosk }

  /// One in a hundred each, dealt in this order so that a small company has all of them too.
  private static let roles: [(Role, Int)] = [
    (.service, 4), (.admin, 4), (.onCall, 8), (.shift, 9), (.kiosk, 1), (.traveller, 5),
    (.office, 69),
  ]

  private let seed: UInt64
  private let deal: [Role]

  init(seed: UInt64, log: Log) {
    self.seed = seed
    var random = SeededRandom(seed: seed, purpose: "roles")
    deal = Staff.roles.flatMap { Array(repeating: $0.0, count: $0.1) }.shuffled(using: &random)
  }

  /// Hires until the log holds this many events.
  func work(until goal: Int, into log: inout Log) {
    let sites = Site.plans.indices.map { Site(plan: $0, seed: seed, log: &log) }
    var hired = 0
    // The second bound ends a world so short that hardly anybody acts in it.
    while log.count < goal && hired < goal * 4 + 100 {
      let role = deal[hired % deal.count]
      var random = SeededRandom(seed: seed, purpose: "staff \(hired)")
      let site = sites[random.index(weights: Site.plans.map(\.weight))]
      switch role {
      case .service:
        ServiceAccount(number: hired, site: site, random: random, log: &log).run(into: &log)
      case .kiosk:
        var person = Person(number: hired, role: role, site: site, random: random, log: &log)
        person.liveAsKiosk(into: &log)
      default:
        var person = Person(number: hired, role: role, site: site, random: random, log: &log)
        person.live(into: &log)
      }
      hired += 1
    }
  }
}
