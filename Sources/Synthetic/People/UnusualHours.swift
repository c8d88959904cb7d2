import Primitives

/// Honest work at odd hours and in odd numbers: on call, abroad, in shifts, in maintenance windows, at a desk
/// that many share.
extension Person {
  /// One night in three of a week on call brings an alarm: 1 to 4 sign-ins between ten and seven.
  mutating func answerPager(_ day: LocalDay, into log: inout Log) {
    guard random.chance(0.33) else { return }
    var hour = random.uniform(22, 30.5)
    for _ in 0..<(1 + random.below(4)) {
      signIn(day, hour, from: homeAddress, into: &log)
      hour += random.uniform(0.1, 0.9)
      if random.chance(0.6) { signOff(day, hour, from: homeAddress, into: &log) }
      hour += random.uniform(0.02, 0.4)
    }
  }

  /// 3 to 6 days far away, signing in through the home site, whose clock is off by `shift` hours there.
  mutating func journey() -> (days: Range<Int>, shift: Double, address: UInt32) {
    let first = random.below(max(1, site.days.count - 3))
    let shift = [-9.0, -8, -6, -5, 5, 6, 7, 9][random.below(8)]
    return (first..<(first + 3 + random.below(4)), shift, homeAddress)
  }

  mutating func workAbroad(
    _ day: LocalDay, shift: Double, address: UInt32, into log: inout Log
  ) {
    for part in [startHour, 13.4, 20.5] where random.chance(part > 20 ? 0.5 : 0.9) {
      let hour = random.normal(mean: part, deviation: 0.5) - shift
      signIn(day, hour, from: address, into: &log)
      signOff(day, hour + random.uniform(0.5, 3.2), from: address, into: &log)
    }
  }

  /// Early, late and night shift by turns of a week, on whichever machine of the floor is free.
  mutating func workShift(_ day: LocalDay, into log: inout Log) {
    let turn = Int((day.daysSinceEpoch / 7 + Int64(user)).flooredDivision(by: 3).remainder)
    // Five days of seven; which ones depends on the person.
    guard (day.number + Int(user)) % 7 < 5 else { return }
    let start = [6.0, 14, 22][turn] + random.normal(mean: -0.1, deviation: 0.12)
    let machine = shared[random.below(shared.count)]
    var hour = start
    for _ in 0..<(2 + random.below(3)) {
      signIn(day, hour, on: machine, into: &log)
      let left = start + 8 - hour
      hour += max(0.4, left * random.uniform(0.3, 0.7))
      signOff(day, min(hour, start + 8.1), on: machine, into: &log)
      hour += random.uniform(0.2, 0.6)
      if hour > start + 7.5 { break }
    }
  }

  /// Patch rounds over many servers, weekly by day and monthly by night.
  mutating func administer(_ day: LocalDay, into log: inout Log) {
    if day.weekday == Int(user % 5), !site.isFree(day), random.chance(0.8) {
      sweep(
        day, from: random.chance(0.7) ? random.uniform(9, 17) : random.uniform(18.5, 21),
        machines: 8 + random.below(23), minutes: random.uniform(6, 40), into: &log)
    }
    if day.weekday == 6 && day.dayOfMonth <= 14 && random.chance(0.4) {
      sweep(
        day, from: random.uniform(1, 4), machines: 6 + random.below(18),
        minutes: random.uniform(20, 110), into: &log)
    }
  }

  private mutating func sweep(
    _ day: LocalDay, from hour: Double, machines: Int, minutes: Double, into log: inout Log
  ) {
    var now = hour
    for step in 0..<machines {
      signIn(day, now, on: shared[step % shared.count], into: &log)
      let stay = random.exponential(mean: minutes / Double(machines)) / 60
      if random.chance(0.7) {
        signOff(day, now + stay * 0.8, on: shared[step % shared.count], into: &log)
      }
      now += stay
    }
  }

  /// A counter with one account for everybody: a cluster of sign-ins when the staff changes.
  mutating func liveAsKiosk(into log: inout Log) {
    for day in site.days where day.weekday < 6 {
      for change in [7.0, 12.5, 17.0] {
        var hour = change + random.normal(mean: 0, deviation: 0.1)
        for _ in 0..<(2 + random.poisson(mean: 3.5)) {
          signIn(day, hour, on: shared[random.below(shared.count)], into: &log)
          hour += random.exponential(mean: 2.5) / 60
        }
      }
      for _ in 0..<random.poisson(mean: 5) {
        signIn(
          day, random.uniform(7.5, 19), on: shared[random.below(shared.count)], into: &log)
      }
      signOff(day, 19.5 + random.uniform(0, 0.3), on: shared[0], into: &log)
    }
  }
}
