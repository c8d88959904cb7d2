package import Detection
package import Primitives

/// What an alert was decided by, whole enough to decide again: the event, what each rule about the entity saw, and what
/// the model saw.
package struct FrozenJudgement: Hashable, Sendable {
  /// One feature as a rule or the model saw it.
  package struct Fact: Hashable, Sendable {
    package var name: String
    /// Missing where the feature is.
    package var value: Double?
    package var move: FeatureMove
    package var words: FeatureWords

    /// - Parameter value: NaN where missing.
    package init(name: String, value: Double, move: FeatureMove, words: FeatureWords) {
      self.name = name
      self.value = value.isNaN ? nil : value
      self.move = move
      self.words = words
    }
  }

  /// A rule that looks at such events.
  package struct Ruling: Hashable, Sendable {
    package var id: String
    /// Of its file as it was; missing for a detector that is no plugin.
    package var digest: String?
    package var fired: Bool
    /// Its features in their order.
    package var facts: [Fact]

    package init(id: String, digest: String?, fired: Bool, facts: [Fact]) {
      self.id = id
      self.digest = digest
      self.fired = fired
      self.facts = facts
    }
  }

  /// What the model saw of the event.
  package struct Scoring: Hashable, Sendable {
    /// Where the model's file lay; missing where it had none.
    package var path: String?
    package var digest: String
    /// Whether it found the event by itself.
    package var found: Bool
    /// Its features in their order.
    package var facts: [Fact]

    package init(path: String?, digest: String, found: Bool, facts: [Fact]) {
      self.path = path
      self.digest = digest
      self.found = found
      self.facts = facts
    }
  }

  package var event: EventRecord
  /// Fields of the event whose texts were too long to be kept.
  package var cut: [String]
  package var rules: [Ruling]
  package var model: Scoring?

  /// Longer texts are not kept with an alert.
  private static let longestText = 4096

  package init(event: EventRecord, rules: [Ruling], model: Scoring?) {
    self.event = event
    self.rules = rules
    self.model = model
    cut = []
    for (name, value) in event.fields {
      if case .text(let text) = value, text.utf8.count > FrozenJudgement.longestText {
        cut.append(name)
        self.event.fields[name] = nil
      }
    }
    cut.sort()
  }

  package var json: JSONValue {
    [
      "event": [
        "time": .integer(event.time.microseconds), "id": .text(event.id),
        "source": .text(event.source), "kind": .text(event.kind),
        "primary": event.primaryField.map(JSONValue.text) ?? .null,
        "zone": .integer(Int64(event.zoneOffsetSeconds)),
        "fields": .object(
          event.fields.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.json) }),
      ],
      "cut": .list(cut.map(JSONValue.text)),
      "rules": .list(
        rules.map {
          [
            "id": .text($0.id), "digest": $0.digest.map(JSONValue.text) ?? .null,
            "fired": .flag($0.fired), "facts": .list($0.facts.map(\.json)),
          ]
        }),
      "model": model.map {
        [
          "path": $0.path.map(JSONValue.text) ?? .null, "digest": .text($0.digest),
          "found": .flag($0.found), "facts": .list($0.facts.map(\.json)),
        ]
      } ?? .null,
    ]
  }

  init(_ fields: JSONFields) throws(Failure) {
    guard let event = try fields.object("event") else {
      throw Failure(.input, "not the evidence kept with an alert: 'event' is null")
    }
    var values: [String: Value] = [:]
    for (name, value) in try event.members("fields") {
      guard let value = Value(json: value) else {
        throw Failure(.input, "not the evidence kept with an alert: a field has the wrong type")
      }
      values[name] = value
    }
    self.event = EventRecord(
      time: Timestamp(microseconds: Int64(try event.integer("time"))), id: try event.text("id"),
      source: try event.text("source"), kind: try event.text("kind"), fields: values,
      primaryField: try event.textOrNull("primary"),
      zoneOffsetSeconds: Int32(clamping: try event.integer("zone")))
    cut = try fields.texts("cut")
    rules = try fields.objects("rules").map { (rule) throws(Failure) in
      Ruling(
        id: try rule.text("id"), digest: try rule.textOrNull("digest"),
        fired: try rule.flag("fired"), facts: try Fact.all(rule))
    }
    model = try fields.object("model").map { (model) throws(Failure) in
      Scoring(
        path: try model.textOrNull("path"), digest: try model.text("digest"),
        found: try model.flag("found"), facts: try Fact.all(model))
    }
  }
}

extension FrozenJudgement.Fact {
  /// Words are left out where they are those of the standard feature of this name.
  var json: JSONValue {
    var members: [JSONValue.Member] = [.init("name", .text(name)), .init("value", .of(value))]
    if move != .fixed { members.append(.init("move", move.json)) }
    if words != FeatureSentence.standardWords(of: name) {
      members.append(
        .init(
          "words",
          .list(
            [.text(words.phrase), .text(words.unit), .integer(Int64(words.decimals))])))
    }
    return .object(members)
  }

  static func all(_ fields: JSONFields) throws(Failure) -> [Self] {
    try fields.objects("facts").map { (fact) throws(Failure) in
      let name = try fact.text("name")
      var words = FeatureSentence.standardWords(of: name)
      // Earlier versions noted a fourth thing.
      if let list = fact.optional("words")?.list, (3...4).contains(list.count),
        let phrase = list[0].text, let unit = list[1].text, let decimals = list[2].integer,
        (0...9).contains(decimals)
      {
        words = FeatureWords(phrase: phrase, unit: unit, decimals: Int(decimals))
      }
      let move = try fact.optional("move").map { (move) throws(Failure) in
        guard let move = FeatureMove(json: move) else {
          throw Failure(
            .input, "not the evidence kept with an alert: how '\(AlertCard.shown(name))' moves")
        }
        return move
      }
      return Self(
        name: name, value: try fact.numberOrNull("value") ?? .nan, move: move ?? .fixed,
        words: words ?? FeatureSentence.plainWords(of: name))
    }
  }
}
