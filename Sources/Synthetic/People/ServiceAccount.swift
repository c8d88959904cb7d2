import Primitives

/// A program that signs in at a fixed beat, day and night.
struct ServiceAccount {
  private let user: UInt32
  private let machine: UInt32
  private let address: UInt32
  private let site: Site
  private let every: Double
  private let phase: Double
  /// Seconds by which a run may start late.
  private let jitter: Double
  private let signsOff: Bool
  private let stormy: Bool
  private var random: SeededRandom

  init(number: Int, site: Site, random: SeededRandom, log: inout Log) {
    var random = random
    user = log.name("svc\(10_000 + number)")
    machine = log.name("SRV-\(500 + number % 400)")
    address = log.name("\(site.network).250.\(1 + number % 250)")
    self.site = site
    every = [0.5, 1, 1, 2, 4, 6, 24][random.below(7)]
    phase = random.uniform(0, every)
    jitter = random.uniform(0, 40)
    signsOff = random.chance(0.4)
    stormy = random.chance(0.3)
    self.random = random
  }

  consuming func run(into log: inout Log) {
    for day in site.days {
      var hour = phase
      while hour < 24 {
        let at = hour + random.uniform(0, jitter) / 3600
        note(.login, day, at, &log)
        if signsOff { note(.logoff, day, at + random.uniform(0.01, 0.1), &log) }
        hour += every
      }
      if stormy && random.chance(0.06) { retry(day, into: &log) }
    }
  }

  /// A restart with a stale password, or a job that retries: 6 to 30 attempts within minutes.
  private mutating func retry(_ day: LocalDay, into log: inout Log) {
    let fails = random.chance(0.6)
    var hour = random.uniform(0, 23)
    for _ in 0..<(6 + random.below(25)) {
      note(fails ? .failedLogin : .login, day, hour, &log)
      hour += random.uniform(5, 40) / 3600
    }
    note(.login, day, hour, &log)
  }

  private func note(_ shape: Moment.Shape, _ day: LocalDay, _ hour: Double, _ log: inout Log) {
    log.add(
      shape, at: day.time(hour), zone: day.zone, actor: user, with: machine, via: address,
      about: site.name)
  }
}
