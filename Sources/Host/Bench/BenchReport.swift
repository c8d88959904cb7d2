package import Primitives

/// What a benchmark measured, with all that is needed to judge it: the machine, the command and every raw sample.
package struct BenchReport: Sendable {
  /// One quantity, measured several times.
  package struct Measure: Sendable {
    /// Lower snake case, its unit last: `fit_s`, `rows_per_s`.
    package var name: String
    package var unit: String
    /// In the order in which they were taken; not one is left out.
    package var samples: [Double]

    package init(_ name: String, unit: String, samples: [Double] = []) {
      self.name = name
      self.unit = unit
      self.samples = samples
    }

    /// The middle sample, or the mean of the two in the middle; missing without samples.
    package var median: Double? { Primitives.median(samples) }
  }

  /// What was measured: `fit`, `score`, …
  package let name: String
  package let machine: BenchMachine
  /// The command as it was given.
  package let command: [String]
  /// What the work was: rows, columns, rounds, threads, …
  package var settings: [JSONValue.Member]
  package var measures: [Measure]
  /// What came out besides time, where the benchmark has such: `roc_auc`, `trees`, …
  package var results: [JSONValue.Member]

  package init(
    _ name: String, command: [String], settings: [JSONValue.Member] = [],
    measures: [Measure] = [], results: [JSONValue.Member] = []
  ) {
    self.name = name
    machine = .current
    self.command = command
    self.settings = settings
    self.measures = measures
    self.results = results
  }

  package var json: JSONValue {
    [
      "bench": .text(name),
      "version": .text(Version.text),
      "command": .list(command.map { .text($0) }),
      "machine": machine.json,
      "settings": .object(settings),
      "measures": .object(
        measures.map { measure in
          .init(
            measure.name,
            [
              "unit": .text(measure.unit),
              "median": measure.median.map { .number($0) } ?? .null,
              "samples": .list(measure.samples.map { .number($0) }),
            ])
        }),
      "results": .object(results),
      "peak_rss_bytes": .integer(Int64(RunMeter.peakMemory())),
    ]
  }
}

/// Wall and processor time of repeated work, sample by sample.
struct BenchClock {
  private let wall = RunMeter.now()
  private let processor = RunMeter.processorSeconds()

  var wallSeconds: Double { RunMeter.now() - wall }
  /// Of all threads of this program, in user mode.
  var processorSeconds: Double { RunMeter.processorSeconds() - processor }
}
