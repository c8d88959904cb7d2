import Cases
import Ingest
import Plugins
package import Primitives
import Store

/// A rule as it was at a time.
package struct RuleThen: Sendable {
  package var rule: SetupThen.Rule
  /// The whole file that it stood in.
  package var text: String
  /// What is otherwise in the file of now; empty where it is the same or gone.
  package var changes: [String]
}

extension Control {
  /// Which rules, lists and model judged at a time of the events.
  ///
  /// Where several streams were judged then, that of the service which began last counts, else that of the files whose events
  /// reach that far.
  ///
  /// - Parameter source: whose events are meant; any where missing.
  package func setup(
    at time: Timestamp, source: String? = nil
  ) throws(Failure) -> SetupKnowledge {
    try setup(at: time, source: source, SetupDescription(try Installation(settings)))
  }

  func setup(
    at time: Timestamp, source: String?, _ now: SetupDescription
  ) throws(Failure) -> SetupKnowledge {
    let store = SetupStore(try database(.readOnly))
    var found = try store.inForce(at: time).filter { source == nil || $0.source == source }
    let current = found.filter { $0.input.isEmpty || ($0.lastEvent ?? .distantPast) >= time }
    if !current.isEmpty { found = current }
    // They come in the order in which they began, the last first.
    guard let chosen = found.first(where: { $0.input.isEmpty }) ?? found.first else {
      if let known = try store.knownSince(source: source) {
        return .later(first: known.first, written: known.written)
      }
      if let source {
        let judged = Set(try self.store(.readOnly).keptStreams().map(\.source))
        let known = judged.union(try Installation(settings).vocabulary.sources)
        if !judged.isEmpty && !known.contains(source) {
          throw .unknown(
            "source", source, among: known,
            advice: "events were read from \(judged.sorted().joined(separator: ", "))")
        }
      }
      return .never
    }
    let parts = try store.parts(of: chosen.setup)
    var seen: Set<Int64> = [chosen.setup]
    let others = found.filter { seen.insert($0.setup).inserted }
    return .known(SetupThen(chosen, parts: parts, now: now, others: others))
  }

  /// A rule with its file as they were at a time.
  ///
  /// - Throws: `Failure(.usage)` where it is not known which rules there were, or there was no such rule.
  package func rule(
    _ id: String, at time: Timestamp, source: String? = nil
  ) throws(Failure) -> RuleThen {
    let installation = try Installation(settings)
    let setup = try known(at: time, source: source, SetupDescription(installation))
    guard let rule = setup.rules.first(where: { $0.id == id }) else {
      throw absent("rule", id, at: time, among: setup.rules.map(\.id), all: "rules")
    }
    guard let text = try content(rule.digest, limit: SetupDescription.mostPacked) else {
      throw Failure(
        .usage, "the file of the rule '\(id)' at \(time) was not kept", advice: "it had no room")
    }
    let current = installation.plugins.rules.first { $0.id == id }?.origin.source.text
    return RuleThen(
      rule: rule, text: text, changes: current.map { LineDiff.lines(from: text, to: $0) } ?? [])
  }

  /// The entries of a list as they were at a time.
  ///
  /// - Throws: `Failure(.usage)` where it is not known which lists there were, there was no such list, or it was too large to
  ///   keep.
  package func list(
    _ name: String, at time: Timestamp, source: String? = nil
  ) throws(Failure) -> [String] {
    let setup = try known(at: time, source: source)
    guard let list = setup.lists.first(where: { $0.name == name }) else {
      throw absent("list", name, at: time, among: setup.lists.map(\.name), all: "lists")
    }
    guard list.isKept, let text = try content(list.digest, limit: SetupDescription.mostOfAList)
    else {
      throw Failure(
        .usage,
        "the list '\(name)' at \(time) was not kept: its \(Format.count(list.entries)) entries took \(Format.bytes(list.bytes))",
        advice:
          "lists are kept up to \(Format.bytes(SetupDescription.mostOfAList)); its digest is \(list.digest.prefix(12))"
      )
    }
    return text.split(separator: "\n").map(String.init)
  }

  /// The model of a time as a file of ours, which scores as it did.
  ///
  /// - Throws: `Failure(.usage)` where it is not known what judged, no model did, or it was too large to keep.
  package func modelFile(at time: Timestamp, source: String? = nil) throws(Failure) -> String {
    guard let model = try known(at: time, source: source).model else {
      throw Failure(.usage, "no model judged at \(time)", advice: "rules alone did")
    }
    guard model.isKept,
      let text = try content(model.digest, limit: SetupDescription.mostOfAModel)
    else {
      throw Failure(
        .usage, "the file of the model '\(AlertCard.shown(model.name))' at \(time) was not kept",
        advice:
          "models are kept up to \(Format.bytes(SetupDescription.mostOfAModel)); its digest is \(model.digest.prefix(12))"
      )
    }
    return text
  }

  /// The names of the lists of now.
  package func lists() throws(Failure) -> [String] {
    try TextLists(folder: settings.resolve(settings.lists)).names.sorted()
  }

  private func known(
    at time: Timestamp, source: String?
  ) throws(Failure) -> SetupThen {
    try known(at: time, source: source, SetupDescription(try Installation(settings)))
  }

  private func known(
    at time: Timestamp, source: String?, _ now: SetupDescription
  ) throws(Failure) -> SetupThen {
    let knowledge = try setup(at: time, source: source, now)
    if let setup = knowledge.setup { return setup }
    throw Failure(.usage, knowledge.gap(at: time) ?? "", advice: "ask about a later time")
  }

  private func absent(
    _ what: String, _ name: String, at time: Timestamp, among known: [String], all: String
  ) -> Failure {
    Failure(
      .usage, "there was no \(what) '\(AlertCard.shown(name))' at \(time)",
      advice: nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
        ?? "at(…).\(all) shows those of then")
  }

  /// Missing where it was not kept or has left.
  private func content(_ digest: String, limit: Int) throws(Failure) -> String? {
    guard let body = try SetupStore(try database(.readOnly)).body(digest) else { return nil }
    guard let bytes = ZstdPacker.unpack(body, limit: limit) else {
      throw Failure(
        .internal, "a kept content (\(digest.prefix(12))) is damaged",
        advice: "put a copy of the database back")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
