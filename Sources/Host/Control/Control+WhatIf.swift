import Cases
package import Detection
package import Primitives
import Store

/// An event as it was judged and as it would have been with other values, the windows being the same.
package struct WhatIf: Sendable {
  package struct Change: Sendable {
    package var field: String
    package var before: String
    package var after: String
  }

  package var event: EventRecord
  package var changes: [Change]
  package var before: Judgement
  package var after: Judgement

  package var json: JSONValue {
    [
      "event": .text(event.id), "time": .text(event.time.description),
      "changes": .list(
        changes.map {
          ["field": .text($0.field), "before": .text($0.before), "after": .text($0.after)]
        }),
      "before": before.json, "after": after.json,
    ]
  }
}

extension Control {
  /// Judges a kept event again with other values of some fields.
  ///
  /// - Parameter fields: new values by field, as text; empty for a missing one.
  /// - Throws: `Failure(.usage)` where there is no such event or field, or a value does not fit.
  package func whatIf(
    event id: String, fields: [(name: String, value: String)], progress: some JobProgress
  ) throws(Failure) -> WhatIf {
    try whatIf(event: id, fields: fields, usesPart: true, progress: progress)
  }

  /// - Parameter usesPart: as in `Replay.judgement`.
  func whatIf(
    event id: String, fields: [(name: String, value: String)], usesPart: Bool,
    progress: some JobProgress
  ) throws(Failure) -> WhatIf {
    let installation = try Installation(settings)
    let store = try store(.readOnly)
    let kept = RetainedEvents(store) { progress.warn($0) }
    let mutes = try mutesInForce(store)
    guard let found = try kept.events(id: id).first else {
      throw try Control.unknownEvent(id, kept)
    }
    guard !fields.isEmpty else {
      throw Failure(.usage, "no field is given another value", advice: "write field=value")
    }
    var given: Set<String> = []
    for (name, _) in fields where !given.insert(name).inserted {
      throw Failure(
        .usage, "the field '\(AlertCard.shown(name))' is given two values",
        advice: "give each field one value")
    }
    let settings = self.settings.deciding(as: try store.settings(ofRun: found.stream.run))
    var changes: [WhatIf.Change] = []
    func judged(changed: Bool) throws(Failure) -> Judgement {
      try Replay.judgement(
        of: found, store: store, settings: settings, usesPart: usesPart, progress: progress
      ) { () throws(Failure) in
        let replay = try Replay(
          found.stream, of: kept, installation: installation, settings: settings, mutes: mutes)
        replay.run.asksPeers = false
        var asked = Replay.Asked(replay: replay, events: [found.event])
        if !changed { return asked }
        var event = found.event
        var cells: [(EventBatch) -> Void] = []
        changes = []
        for (name, value) in fields {
          let (change, cell) = try Control.cell(name, value, found.event, replay.plan)
          changes.append(change)
          cells.append(cell)
          // Another entity has windows of its own.
          if case .text? = replay.plan.schema.field(name)?.type {
            event.fields[name] = value.isEmpty ? nil : .text(value)
          }
        }
        asked.events.append(event)
        asked.change = { [cells] batch, number in
          if number == found.number { for cell in cells { cell(batch) } }
        }
        return asked
      }.output.judgement
    }
    let after = try judged(changed: true)
    let before = try judged(changed: false)
    return WhatIf(
      event: found.event, changes: changes, before: before, after: after)
  }

  /// What writes a value into the only row of a batch.
  private static func cell(
    _ name: String, _ text: String, _ event: EventRecord, _ plan: RunPlan
  ) throws(Failure) -> (WhatIf.Change, (EventBatch) -> Void) {
    let interner = plan.interner
    if name == "kind" {
      if text.isEmpty {
        throw Failure(.usage, "an event has a kind", advice: "give one, such as kind=login")
      }
      let symbol = interner.intern(text)
      return (.init(field: name, before: event.kind, after: text), { $0.kinds[0] = symbol })
    }
    guard let field = plan.schema.field(name) else {
      throw Failure(
        .usage, "the events of '\(event.source)' have no field '\(name)'",
        advice: nearestName(to: name, among: plan.schema.fields.map(\.name) + ["kind"]).map {
          "did you mean '\($0)'?"
        })
    }
    let before = event.fields[name].map(MissWords.text) ?? "missing"
    switch field.type {
    case .text:
      let symbol = text.isEmpty ? Symbol.missing : interner.intern(text)
      let after = text.isEmpty ? "missing" : MissWords.text(.text(text))
      return (
        .init(field: name, before: before, after: after), { $0.textColumn(field.slot)[0] = symbol }
      )
    case .number, .flag:
      let value = text.isEmpty ? .nan : ["true": 1, "false": 0][text] ?? Double(text)
      guard let value, text.isEmpty || value.isFinite else {
        throw Failure(.usage, "'\(name)' is a number and not '\(text)'", advice: "give a number")
      }
      let after = value.isNaN ? "missing" : MissWords.text(.number(value))
      return (
        .init(field: name, before: before, after: after),
        { $0.numberColumn(field.slot)[0] = value }
      )
    }
  }
}
