import Foundation
package import Primitives

/// The machine that figures were measured on; a figure without it says nothing.
package struct BenchMachine: Sendable, Equatable {
  package var processor: String
  package var cores: Int
  package var memoryBytes: Int
  package var system: String
  /// How many processes wanted a core in the minute before: a busy machine measures badly.
  package var load: Double?

  package static var current: BenchMachine {
    let process = ProcessInfo.processInfo
    let load = firstLine(of: "/proc/loadavg")?.split(separator: " ").first
    return BenchMachine(
      processor: processorName ?? "unknown", cores: process.activeProcessorCount,
      memoryBytes: Int(clamping: process.physicalMemory),
      system: process.operatingSystemVersionString, load: load.flatMap { Double($0) })
  }

  package var json: JSONValue {
    [
      "processor": .text(processor),
      "cores": .integer(Int64(cores)),
      "memory_bytes": .integer(Int64(memoryBytes)),
      "system": .text(system),
      "load": load.map { .number($0) } ?? .null,
    ]
  }

  private static var processorName: String? {
    lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }?
      .split(separator: ":", maxSplits: 1).last
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func firstLine(of path: String) -> String? { lines(of: path).first }

  /// No lines where the system does not tell.
  private static func lines(of path: String) -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
