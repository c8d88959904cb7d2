import Cases
import Detection
import Plugins
import Primitives
import Store

/// What detectors and rules remembered when an event was judged, from the kept events: what is not kept with an alert.
struct CounterfactualMemory {
  let kept: RetainedEvents
  let store: AlertStore
  let installation: Installation
  let settings: Settings

  /// A series as it was before a value.
  struct Series {
    var detector: SeriesDetector
    /// Earlier values, a sample of at most a few hundred, in order of size.
    var values: [Double]

    private static let mostValues = 64

    init(_ detector: SeriesDetector, _ all: [Double]) {
      self.detector = detector
      let sorted = all.sorted()
      let step = max(1, sorted.count / Series.mostValues)
      values = stride(from: 0, to: sorted.count, by: step).map { sorted[$0] }
    }
  }

  private func found(_ alert: Alert) throws(Failure) -> RetainedEvents.Found? {
    try kept.events(id: alert.eventID).first { $0.event.source == alert.source }
  }

  /// The series of an alert before the value that it was raised on; missing where its event has left.
  func series(of alert: Alert) throws(Failure) -> Series? {
    try found(alert).flatMap { (found) throws(Failure) in try series(before: found) }
  }

  /// The series of a kept event before it; missing where there was none.
  func series(before found: RetainedEvents.Found) throws(Failure) -> Series? {
    if let series = try ownSeries(found) { return series }
    if let series = try series(found, usesPart: true) { return series }
    return try series(found, usesPart: false)
  }

  /// From the series' own events alone; missing where one of them may have come too late to be looked at: that depends on
  /// more than the series.
  private func ownSeries(_ found: RetainedEvents.Found) throws(Failure) -> Series? {
    guard let by = found.event.primaryField, let name = found.event.text(by) else { return nil }
    var detector = SeriesDetector()
    var values: [Double] = []
    var isKnown = false
    var newest = Timestamp.distantPast
    var isSure = true
    try kept.readings(
      of: SeriesStage.field, entity: name, kind: SeriesStage.kind, in: found.stream
    ) { (start, seen) throws(Failure) in
      var own = seen.own[...]
      for (row, microseconds) in seen.times.enumerated() {
        if start + row >= found.number { break }
        let time = Timestamp(microseconds: microseconds)
        newest = max(newest, time)
        guard let reading = own.first, reading.row == row else { continue }
        own.removeFirst()
        if newest - time > settings.allowedLateness { isSure = false }
        if reading.value.isNaN { continue }
        values.append(reading.value)
        guard reading.isOfKind, reading.field == by else { continue }
        isKnown = true
        _ = detector.observe(
          reading.value, at: SeriesDetector.seconds(time, zone: reading.zoneOffsetSeconds))
      }
      return isSure && start + seen.times.count <= found.number
    }
    return isSure && isKnown ? Series(detector, values) : nil
  }

  private func series(
    _ found: RetainedEvents.Found, usesPart: Bool
  ) throws(Failure) -> Series? {
    let replay = try Replay(
      found.stream, of: kept, installation: installation, settings: settings, rules: [],
      usesModel: false)
    guard let stage = replay.run.series,
      let slot = replay.plan.schema.field(SeriesStage.field)?.slot,
      let by = found.event.primaryField, let name = found.event.text(by)
    else { return nil }
    let entity = replay.plan.interner.intern(name)
    var detector: SeriesDetector?
    var values: [Double] = []
    var output = JudgementOutput(eventID: found.event.id)
    func look(_ step: Replay.Step) -> Bool {
      if !step.isStop {
        for row in 0..<step.events.count where step.events.primaryEntity(row)?.value == entity {
          let value = step.events.number(row, slot)
          if !value.isNaN { values.append(value) }
        }
      }
      return step.next <= found.number
    }
    func remember(_ batch: EventBatch, _: Int) {
      detector = batch.primaryEntity(0).flatMap { stage.detector(of: $0.slot, $0.value) }
    }
    if usesPart {
      guard
        let part = try ReplayPart(for: [found.event], replay, store: store, settings: settings),
        try replay.drive(
          part, stops: [found.number], output: &output, progress: NoProgress(), change: remember,
          after: { step, _ in look(step) })
      else { return nil }
    } else {
      try replay.drive(
        stops: [found.number], output: &output, progress: NoProgress(), change: remember,
        after: { step, _ in look(step) })
    }
    return detector.map { Series($0, values) }
  }

  /// What rules with variables of their own were asked before the event of an alert; missing for those that were asked too
  /// often, and for all where the event has left.
  func calls(
    of rules: [Rule], before alert: Alert
  ) throws(Failure) -> [String: [RuleCall]] {
    guard !rules.isEmpty, let found = try found(alert) else { return [:] }
    let replay = try Replay(
      found.stream, of: kept, installation: installation, settings: settings, rules: rules,
      usesModel: rules.contains(where: \.asksModel),
      modelName: alert.model)
    let record = CallRecord(of: rules.map(\.id))
    replay.run.rules.record = record
    var output = JudgementOutput(eventID: found.event.id)
    try replay.drive(
      stops: [found.number], output: &output, progress: NoProgress(),
      change: { _, _ in replay.run.rules.record = nil },
      after: { step, _ in step.next <= found.number })
    return Dictionary(
      uniqueKeysWithValues: rules.compactMap { rule in
        record.calls(of: rule.id).map { (rule.id, $0) }
      })
  }
}
