import Detection
import Foundation
import Ingest
package import Primitives

/// Measures how many events a second the windows take, and how memory grows with them.
///
/// Only the computing of features is timed: events lie in memory or are made between the measurements.
package struct FeatureBenchJob: Sendable {
  package enum Input: Sendable {
    case source(inputs: [String], source: String, features: String?)
    case made(BenchStream.Recipe)
    /// A table of what the number of features, the length of windows, entities and a hot entity cost.
    case costs(events: Int)
  }

  private let settings: Settings
  private let input: Input
  private let repeats: Int
  private let command: [String]
  private static let growthPoints = 20

  package init(settings: Settings, input: Input, repeats: Int, command: [String]) {
    self.settings = settings
    self.input = input
    self.repeats = repeats
    self.command = command
  }

  package func run(progress: some JobProgress) throws(Failure) -> BenchReport {
    switch input {
    case .costs(let events): return try costs(events: events, progress: progress)
    case .made(let recipe):
      return try report(.made(recipe), FeatureSet.standard, progress: progress)
    case .source(let inputs, let source, let features):
      progress.begin("read", total: nil)
      let mapping = try Installation.source(source, settings)
      let stream = try BenchStream.read(inputs, mapping: mapping, settings: settings)
      progress.end("\(stream.events) events")
      var set = FeatureSet.standard
      if let features {
        set = try FeatureSets.named(
          features, mapping: mapping, schema: stream.schema, settings)
      }
      return try report(stream, set, progress: progress)
    }
  }

  private func report(
    _ stream: BenchStream, _ set: FeatureSet, progress: some JobProgress
  ) throws(Failure) -> BenchReport {
    let pool = WorkerPool(count: settings.threads)
    var rate = BenchReport.Measure("events_per_s", unit: "events/s")
    var wall = BenchReport.Measure("wall_s", unit: "s")
    var processor = BenchReport.Measure("cpu_s", unit: "s")
    var report = BenchReport("features", command: command)
    progress.begin("features", total: repeats)
    for repetition in 0..<repeats {
      let sample = try Sample(stream, set.features.map(\.definition), pool, settings)
      wall.samples.append(sample.wall)
      processor.samples.append(sample.processor)
      rate.samples.append(Double(stream.events) / sample.wall)
      report.results = sample.results
      progress.advance(to: repetition + 1)
    }
    progress.end("\(repeats) times")
    report.measures = [rate, wall, processor]
    report.settings =
      stream.settings + [
        .init("features", .integer(Int64(set.features.count))),
        .init("threads", .integer(Int64(settings.threads))),
      ]
    return report
  }

  private func costs(
    events: Int, progress: some JobProgress
  ) throws(Failure) -> BenchReport {
    let pool = WorkerPool(count: settings.threads)
    var report = BenchReport("features", command: command)
    let cases = FeatureCosts.cases(events: events)
    progress.begin("features", total: cases.count)
    for (number, one) in cases.enumerated() {
      let stream = try BenchStream.made(one.recipe)
      var rate = BenchReport.Measure(one.name, unit: "events/s")
      for _ in 0..<repeats {
        let sample = try Sample(stream, one.features, pool, settings)
        rate.samples.append(Double(stream.events) / sample.wall)
      }
      report.measures.append(rate)
      progress.advance(to: number + 1)
    }
    progress.end("\(cases.count) measures")
    report.settings = [
      .init("events", .integer(Int64(events))),
      .init("threads", .integer(Int64(settings.threads))),
    ]
    return report
  }

  /// One run over a stream with fresh windows.
  private struct Sample {
    private(set) var wall = 0.0
    private(set) var processor = 0.0
    private(set) var results: [JSONValue.Member] = []

    init(
      _ stream: BenchStream, _ features: [FeatureDefinition], _ pool: WorkerPool,
      _ settings: Settings
    ) throws(Failure) {
      let stage = try FeatureStage(
        features: features, schema: stream.schema, interner: stream.interner, pool: pool,
        allowedLateness: settings.allowedLateness)
      var seen = 0
      var growth: [JSONValue] = []
      var wall = 0.0
      var processor = 0.0
      var late = 0
      stream.play { batch in
        let clock = BenchClock()
        late +=
          stage.process(
            ReadBatch(events: batch, labels: [], readyAt: 0), labels: LabelIndex()
          ).count
        wall += clock.wallSeconds
        processor += clock.processorSeconds
        let points = FeatureBenchJob.growthPoints
        let before = seen * points / max(1, stream.events)
        seen += batch.count
        if seen * points / max(1, stream.events) > before {
          growth.append([
            "events": .integer(Int64(seen)),
            "state_bytes": .integer(Int64(stage.engine.statistics.stateBytes)),
            "rss_bytes": .integer(Int64(RunMeter.memory())),
          ])
        }
      }
      self.wall = wall
      self.processor = processor
      let statistics = stage.engine.statistics
      results = [
        .init("entities", .integer(Int64(statistics.entities))),
        .init("state_bytes", .integer(Int64(statistics.stateBytes))),
        .init("late", .integer(Int64(late))),
        .init("evicted", .integer(Int64(statistics.evicted))),
        .init("growth", .list(growth)),
      ]
    }
  }
}

/// What is varied, one thing at a time, to see what it costs.
private enum FeatureCosts {
  struct Case {
    var name: String
    var recipe: BenchStream.Recipe
    var features: [FeatureDefinition]
  }

  static func cases(events: Int) -> [Case] {
    let usual = BenchStream.Recipe(events: events)
    let standard = FeatureSet.standard.features.map(\.definition)
    var cases: [Case] = [10, 20, 50, 100].map {
      Case(name: "features_\($0)_events_per_s", recipe: usual, features: many($0))
    }
    for (name, span) in [
      ("1h", TimeSpan.hours(1)), ("1d", .days(1)), ("7d", .days(7)), ("30d", .days(30)),
    ] {
      // Twenty a day, so that the longest windows hold hundreds of events.
      var recipe = usual
      recipe.entities = 500
      recipe.perDay = 20
      cases.append(
        Case(name: "window_\(name)_events_per_s", recipe: recipe, features: windows(span)))
    }
    for entities in [1000, 10_000, 100_000, 1_000_000] where entities <= events {
      var recipe = usual
      recipe.entities = entities
      cases.append(
        Case(name: "entities_\(entities)_events_per_s", recipe: recipe, features: standard))
    }
    for (name, share) in [("0", 0), ("10", 0.1), ("50", 0.5)] {
      var recipe = usual
      recipe.hotShare = share
      cases.append(
        Case(name: "hot_percent_\(name)_events_per_s", recipe: recipe, features: standard))
    }
    return cases
  }

  private static func windows(_ span: TimeSpan) -> [FeatureDefinition] {
    [
      .count(.primary, within: span), .distinct(.primary, of: "kind", within: span),
      .zScore(.primary, of: nil, within: span), .percentChange(.primary, of: nil, within: span),
    ]
      + FeatureDefinition.Aggregate.allCases.map { .aggregate($0, .primary, of: nil, within: span) }
  }

  /// Aggregates over windows of ever more lengths.
  private static func many(_ count: Int) -> [FeatureDefinition] {
    var features: [FeatureDefinition] = []
    var hours: Int64 = 1
    while features.count < count {
      features += windows(.hours(hours))
      hours = hours < 24 ? hours * 3 : hours + 24
    }
    return Array(features.prefix(count))
  }
}
