import Cases
package import Detection
package import Primitives
import Store

/// A feature as it was for one event.
package struct EventFeature: Sendable {
  package var name: String
  package var definition: String
  /// NaN where missing.
  package var value: Double
  /// What was usual for the entity before the event; missing without enough history.
  package var usual: Usual?
}

extension Control {
  /// The newest kept events that a query asks for, the newest first.
  package func events(
    _ query: EventQuery, progress: some JobProgress
  ) throws(Failure) -> [EventRecord] {
    try retained(progress).events(query, progress: progress).map(\.event)
  }

  /// Kept events counted or summed up, in groups.
  package func measure(
    _ query: EventQuery, _ measure: EventMeasure, progress: some JobProgress
  ) throws(Failure) -> (rows: [EventMeasure.Row], groups: Int) {
    try retained(progress).measure(query, measure, progress: progress)
  }

  /// What kept events call their things.
  package func eventWords() throws(Failure) -> EventWords {
    try retained(NoProgress()).words()
  }

  /// The fields under which kept events carry a text, of the few newest.
  package func eventFields(holding text: String) throws(Failure) -> [String] {
    let found = try retained(NoProgress()).events(field: nil, value: text, limit: 20)
    return Set(
      found.flatMap { found in
        found.event.fields.filter { $0.value == .text(text) }.map(\.key)
      }
    ).sorted()
  }

  /// The kept event with an id; of several the one that was written last.
  package func event(_ id: String, progress: some JobProgress) throws(Failure) -> EventRecord {
    try kept(id, retained(progress)).event
  }

  package func hasEvent(_ id: String) throws(Failure) -> Bool {
    try !retained(NoProgress()).events(id: id).isEmpty
  }

  /// The features of a kept event, which is judged again from the first one that is kept on.
  package func features(
    ofEvent id: String, progress: some JobProgress
  ) throws(Failure) -> (event: EventRecord, features: [EventFeature]) {
    let kept = try retained(progress)
    let found = try self.kept(id, kept)
    let replay = try Replay(
      found.stream, of: kept, installation: try Installation(settings), settings: settings,
      rules: [])
    var features: [EventFeature] = []
    var output = JudgementOutput(eventID: id)
    try replay.drive(stops: [found.number], output: &output, progress: progress) {
      (step, _) throws(Failure) in
      guard step.isStop else { return step.first + step.events.count <= found.number }
      let stage = replay.run.features
      let usuals = stage.usuals(row: 0)
      features = replay.plan.evidence.features.map { feature in
        let column = stage.column(of: feature.definition)
        return EventFeature(
          name: feature.name, definition: feature.definition.description,
          value: stage.table[0, column], usual: usuals.usual(column: column, ofPeers: false))
      }
      return false
    }
    return (found.event, features)
  }

  /// Names of the fields that kept events carry.
  package func eventFields() throws(Failure) -> [String] {
    let kept = RetainedEvents(try store(.readOnly)) { _ in }
    var names: Set<String> = []
    for stream in try kept.streams() {
      names.formUnion(try kept.schema(of: stream).fields.map(\.name))
    }
    return names.sorted()
  }

  /// Names of the features that are computed of every event.
  package var featureNames: [String] { FeatureSet.standard.features.map(\.name) }

  private func retained(_ progress: some JobProgress) throws(Failure) -> RetainedEvents {
    RetainedEvents(try store(.readOnly)) { progress.warn($0) }
  }

  private func kept(
    _ id: String, _ kept: RetainedEvents
  ) throws(Failure) -> RetainedEvents.Found {
    guard let found = try kept.events(id: id).first else {
      throw try Control.unknownEvent(id, kept)
    }
    return found
  }
}
