import Primitives

/// An ordinary working day, and the ordinary trouble in it.
extension Person {
  mutating func workInOffice(_ day: LocalDay, into log: inout Log) {
    let atHome = homeDays.contains(day.weekday)
    let address = atHome ? homeAddress : officeAddress
    let start = max(5.5, random.normal(mean: startHour, deviation: sloppiness))
    let end = start + max(3, random.normal(mean: hoursAtWork, deviation: 0.5))
    var away: [(from: Double, to: Double)] = []
    if locksAtLunch && random.chance(0.85) {
      let noon = random.normal(mean: 12.4, deviation: 0.35)
      away.append((noon, noon + random.uniform(0.4, 1.1)))
    }
    for _ in 0..<random.poisson(mean: breaks) {
      let from = random.uniform(start + 0.5, end - 0.5)
      away.append((from, from + random.uniform(0.1, 0.8)))
    }
    away.sort { $0.from < $1.from }
    signIn(day, start, from: address, into: &log)
    var free = start + 0.1
    for pause in away where pause.from > free && pause.to < end - 0.1 {
      signOff(day, pause.from, from: address, into: &log)
      signIn(day, pause.to, from: address, into: &log)
      free = pause.to + 0.05
    }
    signOff(day, end, from: address, into: &log)
    if random.chance(atHome ? 0.006 : 0.0008) { loseConnection(day, start, end, into: &log) }
    if random.chance(0.0012) { forgetOldPassword(day, start, into: &log) }
  }

  /// The tunnel drops again and again: 6 to 26 sign-ins within 8 to 45 minutes.
  private mutating func loseConnection(
    _ day: LocalDay, _ start: Double, _ end: Double, into log: inout Log
  ) {
    let length = random.uniform(8, 45) / 60
    var hours = [Double]()
    let from = random.uniform(start + 0.3, end - 1)
    for _ in 0..<(6 + random.below(21)) { hours.append(from + random.uniform(0, length)) }
    for hour in hours.sorted() {
      if random.chance(0.5) {
        signOff(day, hour - random.uniform(3, 20) / 3600, from: homeAddress, into: &log)
      }
      signIn(day, hour, from: homeAddress, into: &log)
    }
  }

  /// A phone keeps trying the old password for hours after it was changed.
  private mutating func forgetOldPassword(_ day: LocalDay, _ start: Double, into log: inout Log) {
    var hour = start + random.uniform(0.5, 4)
    let every = random.uniform(1, 9) / 60
    for _ in 0..<(8 + random.below(34)) {
      note(.failedLogin, day, hour, device, homeAddress, &log)
      hour += every * random.uniform(0.8, 1.2)
    }
    signIn(day, hour, from: homeAddress, into: &log)
  }

  /// The sign-in service was down for a while: a third of those present come back several times.
  mutating func sufferOutage(_ day: LocalDay, at hour: Double, into log: inout Log) {
    guard random.chance(0.33) else { return }
    var now = hour + random.exponential(mean: 0.05)
    for _ in 0..<(1 + random.below(5)) {
      note(
        random.chance(0.35) ? .failedLogin : .login, day, now, device, officeAddress, &log)
      now += random.uniform(0.5, 6) / 60
    }
  }

  /// An evening after the working day; on rare days before a deadline it lasts until deep in the night.
  mutating func workLate(_ day: LocalDay, into log: inout Log) {
    if random.chance(lateNights) {
      visit(
        day, from: random.uniform(19.8, 22.8), lasting: random.uniform(0.3, 3), into: &log)
    }
    if random.chance(0.0035) {
      var hour = 24 + random.uniform(0, 2.5)
      for _ in 0..<(1 + random.below(4)) {
        signIn(day, hour, from: homeAddress, into: &log)
        hour += random.uniform(0.3, 1.2)
      }
      signOff(day, hour, from: homeAddress, into: &log)
    }
  }

  /// A stick or phone that is plugged in and taken out again.
  mutating func plugIn(_ day: LocalDay, into log: inout Log) {
    guard sticks > 0, !site.isFree(day), random.chance(sticks) else { return }
    for _ in 0..<(1 + random.poisson(mean: 0.8)) {
      let hour = random.uniform(startHour + 0.2, startHour + hoursAtWork - 0.5)
      let length = min(6, random.exponential(mean: 0.7) + 0.02)
      for (shape, at) in [(Moment.Shape.connect, hour), (.disconnect, hour + length)] {
        note(shape, day, at, device, 0, &log)
      }
    }
  }
}
