import Glibc
import Primitives

/// One measured quantity of one service, with its load by day and week, its noise and its honest troubles.
struct Series {
  /// What is measured decides level, rhythm and manners.
  enum Quantity: String, CaseIterable {
    case latency = "latency_ms"
    case cpu = "cpu_percent"
    case requests = "requests_per_s"
    case memory = "memory_mb"
    case queue = "queue_length"
    case disk = "disk_used_gb"
    case errors = "errors_per_min"
    case traffic = "network_mb"
  }

  private static let services = [
    "checkout", "search", "auth", "billing", "media", "ledger", "mail", "gateway", "report",
    "stock", "chat", "maps",
  ]

  private let quantity: Quantity
  private let name: UInt32
  private let firstDay: Int64
  /// The hour of the first day at which the world begins.
  private let startHour: Double
  /// Hours from one value to the next.
  private let cadence: Double
  private let phase: Double
  private let jitter: Double
  private let dailySwing: Double
  private let weekendFactor: Double
  private let peakHour: Double
  private let noise: Double
  /// How strongly trouble shows: 1 fully, 0 not at all.
  private let reaction: Double
  private let backupHour: Double?
  private let backupFactor: Double
  /// The current level, moved by deploys.
  private var level: Double
  private var wander = 0.0
  private var random: SeededRandom

  init(number: Int, minutes: Double, random: SeededRandom, log: inout Log) {
    var random = random
    quantity = Quantity.allCases[random.index(weights: [5, 5, 4, 2, 2, 1, 2, 3])]
    let service = Series.services[random.below(Series.services.count)]
    name = log.name("\(service)-\(number + 1).\(quantity.rawValue)")
    let (day, inDay) = log.start.microseconds.flooredDivision(by: LocalDay.length)
    firstDay = day
    startHour = Double(inDay) / 3_600_000_000
    cadence = minutes / 60
    phase = random.chance(0.5) ? 0 : random.uniform(0, minutes / 60)
    jitter = random.chance(0.5) ? 0 : random.uniform(0, 3)
    let base: (low: Double, high: Double, swing: Double, noise: Double)
    switch quantity {
    case .latency: base = (40, 400, 0.3, 0.09)
    case .cpu: base = (12, 38, 0.5, 0.1)
    case .requests: base = (30, 900, 0.65, 0.07)
    case .memory: base = (300, 4000, 0.08, 0.02)
    case .queue: base = (2, 25, 0.6, 0.45)
    case .disk: base = (40, 600, 0.01, 0.004)
    case .errors: base = (0.5, 6, 0.5, 0.5)
    case .traffic: base = (5, 150, 0.5, 0.14)
    }
    level = base.low * pow(base.high / base.low, random.uniform())
    dailySwing = base.swing * random.uniform(0.6, 1.3)
    weekendFactor = random.uniform(0.45, 1.05)
    peakHour = random.normal(mean: 14.5, deviation: 2.5)
    reaction = quantity == .disk ? 0.15 : quantity == .memory ? 0.5 : 1
    noise = base.noise * random.uniform(0.7, 1.5)
    backupHour = random.chance(0.35) && quantity != .memory ? random.uniform(0.5, 4.5) : nil
    backupFactor = random.uniform(1.4, 4.5)
    self.random = random
  }

  /// Reports from one hour of the world to another, or until the log is full.
  mutating func report(_ hours: Range<Double>, until goal: Int, into log: inout Log) {
    var troubles = Troubles(hours: hours, cadence: cadence, random: &random)
    var hour = (hours.lowerBound / cadence).rounded(.up) * cadence + phase
    while hour < hours.upperBound && log.count < goal {
      troubles.advance(to: hour, level: &level, random: &random)
      if !troubles.isSilent(hour) {
        let factor = troubles.factor(hour, random: &random)
        record(hour, expected(hour) * pow(factor, reaction), &log)
        for extra in troubles.extraPoints(after: hour, cadence: cadence) {
          record(extra.hour, expected(extra.hour) * pow(extra.factor, reaction), &log)
        }
      }
      hour += cadence
    }
  }

  /// Level × day × week × backup, before noise.
  private func expected(_ hour: Double) -> Double {
    let ofDay = (startHour + hour).truncatingRemainder(dividingBy: 24)
    var value = level * (1 + dailySwing * cos((ofDay - peakHour) / 24 * 2 * .pi))
    let daysLater = Int64((startHour + hour) / 24)
    let day = LocalDay(number: 0, daysSinceEpoch: firstDay + daysLater, zone: 0)
    if day.isWeekend && dailySwing > 0.05 { value *= weekendFactor }
    if let backupHour, ofDay >= backupHour, ofDay < backupHour + 0.9 { value *= backupFactor }
    return max(value, level * 0.05)
  }

  private mutating func record(_ hour: Double, _ expected: Double, _ log: inout Log) {
    wander = 0.7 * wander + random.normal() * noise * 0.7
    var value = expected * max(0.02, 1 + wander)
    if quantity == .queue || quantity == .errors { value = value.rounded() }
    if quantity == .cpu { value = min(100, value) }
    let seconds = hour * 3600 + (jitter > 0 ? random.uniform(0, jitter) : 0)
    log.add(
      .metric, at: log.start + .seconds(Int64(seconds.rounded())), zone: 0, actor: name,
      measure: (value * 1000).rounded() / 1000)
  }
}
