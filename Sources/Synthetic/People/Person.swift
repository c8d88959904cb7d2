import Primitives

/// One employee: where and when this person works, and how they sign in.
struct Person {
  let role: Staff.Role
  let site: Site
  let user: UInt32
  let device: UInt32
  let officeAddress: UInt32
  let homeAddress: UInt32
  /// The usual first sign-in, local hours; and how many hours until the last sign-off.
  let startHour: Double
  let hoursAtWork: Double
  /// Standard deviation of the start, hours.
  let sloppiness: Double
  let locksAtLunch: Bool
  /// Sign-ins after short breaks, a day.
  let breaks: Double
  let homeDays: Set<Int>
  /// The chance to mistype the password.
  let clumsiness: Double
  let lateNights: Double
  let weekends: Double
  /// The chance to plug a stick in on a working day; 0 for most.
  let sticks: Double
  /// Machines of a floor, a patch round or a kiosk.
  private(set) var shared: [UInt32] = []
  var random: SeededRandom

  init(number: Int, role: Staff.Role, site: Site, random: SeededRandom, log: inout Log) {
    var random = random
    self.role = role
    self.site = site
    user = log.name(role == .kiosk ? "desk\(1000 + number)" : "u\(10_000 + number)")
    device = log.name("PC-\(10_000 + number)")
    officeAddress = log.name(
      "\(site.network).\(number / 200 % 256).\(20 + number % 200)")
    homeAddress = log.name(
      "100.\(64 + random.below(60)).\(random.below(256)).\(1 + random.below(254))")
    startHour = min(10.5, max(6.5, random.normal(mean: 8.6, deviation: 0.8)))
    hoursAtWork = min(10.5, max(6, random.normal(mean: 8.7, deviation: 0.6)))
    sloppiness = random.uniform(0.1, 0.5)
    locksAtLunch = random.chance(0.75)
    breaks = random.exponential(mean: 1.1)
    homeDays = Set((0..<5).filter { _ in random.chance(0.28) })
    clumsiness = 0.01 + random.exponential(mean: 0.03)
    lateNights = random.chance(0.15) ? 0.12 : 0.015
    weekends = random.chance(0.1) ? 0.25 : 0.012
    sticks = random.chance(0.16) ? random.uniform(0.3, 0.95) : 0
    let machines = role == .admin ? 30 : role == .shift ? 6 : role == .kiosk ? 3 : 0
    let letter = role == .admin ? "SRV" : role == .shift ? "FLOOR" : "DESK"
    for _ in 0..<machines { shared.append(log.name("\(letter)-\(100 + random.below(400))")) }
    self.random = random
  }

  /// The whole time of the world, day by day.
  mutating func live(into log: inout Log) {
    let absent = daysOff()
    let trip = role == .traveller ? journey() : nil
    let duty = random.below(4)
    for day in site.days where !absent.contains(day.number) {
      if role == .shift {
        workShift(day, into: &log)
      } else if let trip, trip.days.contains(day.number) {
        workAbroad(day, shift: trip.shift, address: trip.address, into: &log)
      } else if !site.isFree(day) {
        workInOffice(day, into: &log)
        workLate(day, into: &log)
      } else if random.chance(weekends) {
        visit(day, from: random.uniform(9, 19), lasting: random.uniform(0.4, 4), into: &log)
      }
      if role == .onCall && (day.number / 7) % 4 == duty { answerPager(day, into: &log) }
      if role == .admin { administer(day, into: &log) }
      if let hour = site.outages[day.number] { sufferOutage(day, at: hour, into: &log) }
      plugIn(day, into: &log)
    }
  }

  /// Vacation for one in four, and single sick days.
  private mutating func daysOff() -> Set<Int> {
    var days: Set<Int> = []
    if random.chance(0.25) {
      let first = random.below(max(1, site.days.count))
      days.formUnion(first..<(first + 4 + random.below(11)))
    }
    for day in site.days where random.chance(0.015) { days.insert(day.number) }
    return days
  }

  // MARK: signing in and out

  /// Signs in on a machine, now and then after typing the password wrong.
  mutating func signIn(
    _ day: LocalDay, _ hour: Double, on machine: UInt32? = nil, from address: UInt32? = nil,
    into log: inout Log
  ) {
    let machine = machine ?? device
    let address = address ?? officeAddress
    if random.chance(clumsiness) {
      var before = 0.0
      let slips = 1 + (random.chance(0.3) ? 1 : 0) + (random.chance(0.1) ? 2 : 0)
      for _ in 0..<slips {
        before += random.uniform(5, 40) / 3600
        note(.failedLogin, day, hour - before, machine, address, &log)
      }
    }
    note(.login, day, hour, machine, address, &log)
  }

  mutating func signOff(
    _ day: LocalDay, _ hour: Double, on machine: UInt32? = nil, from address: UInt32? = nil,
    into log: inout Log
  ) {
    note(.logoff, day, hour, machine ?? device, address ?? officeAddress, &log)
  }

  func note(
    _ shape: Moment.Shape, _ day: LocalDay, _ hour: Double, _ machine: UInt32,
    _ address: UInt32, _ log: inout Log
  ) {
    log.add(
      shape, at: day.time(hour), zone: day.zone, actor: user, with: machine, via: address,
      about: site.name)
  }

  /// One stay from home: in, perhaps a break, out.
  mutating func visit(
    _ day: LocalDay, from hour: Double, lasting hours: Double, into log: inout Log
  ) {
    signIn(day, hour, from: homeAddress, into: &log)
    if hours > 1.5 && random.chance(0.4) {
      let pause = hour + hours * random.uniform(0.3, 0.6)
      signOff(day, pause, from: homeAddress, into: &log)
      signIn(day, pause + random.uniform(0.1, 0.5), from: homeAddress, into: &log)
    }
    signOff(day, hour + hours, from: homeAddress, into: &log)
  }
}
