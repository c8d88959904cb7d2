import Glibc
package import Primitives

/// Where the time of a run went and how long its events waited: measured, never assumed.
package struct RunMeter: Sendable {
  /// Wall seconds by stage, in order of first use. Reading overlaps the other stages.
  package private(set) var stages: [(name: String, seconds: Double)] = []
  private var latencies = LatencyHistogram()
  private let started = RunMeter.now()

  package init() {}

  /// A clock that never goes back, in seconds.
  package static func now() -> Double { monotonicSeconds() }

  /// Processor seconds that all threads of this program spent in user mode.
  package static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
  }

  package var elapsed: Double { RunMeter.now() - started }

  package mutating func measure<Result, Failed: Error>(
    _ stage: String, _ body: () throws(Failed) -> Result
  ) throws(Failed) -> Result {
    let start = RunMeter.now()
    defer { add(stage, RunMeter.now() - start) }
    return try body()
  }

  package mutating func add(_ stage: String, _ seconds: Double) {
    if let known = stages.firstIndex(where: { $0.name == stage }) {
      stages[known].seconds += seconds
    } else {
      stages.append((stage, seconds))
    }
  }

  package mutating func record(latency seconds: Double, events: Int) {
    latencies.add(seconds, count: events)
  }

  /// Milliseconds that this share of events waited at most; missing without events.
  package func latencyMilliseconds(_ share: Double) -> Double? {
    latencies.quantile(share).map { $0 * 1000 }
  }

  /// The most memory that this program ever held, in bytes.
  ///
  /// From the kernel's account of the address space: what `getrusage` tells goes on through `exec` and would count
  /// the program that started this one.
  package static func peakMemory() -> Int { status("VmHWM:") }

  /// The memory that this program holds now, in bytes.
  package static func memory() -> Int { status("VmRSS:") }

  private static func status(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard text.hasPrefix(name) else { continue }
      let digits = text.drop { !$0.isNumber }.prefix { $0.isNumber }
      return (Int(digits) ?? 0) * 1024
    }
    return 0
  }

  /// `{name: {s, events_per_s}}` for a report.
  package func json(events: Int) -> JSONValue {
    .object(
      stages.map { stage in
        let rate: JSONValue =
          stage.seconds > 0 ? .number((Double(events) / stage.seconds).rounded()) : .null
        return .init(stage.name, ["s": .number(stage.seconds), "events_per_s": rate])
      })
  }
}
