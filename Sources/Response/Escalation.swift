package import Detection
package import Primitives

/// Whom to tell of an alert, when and how often. The telling itself is a function of the plugin.
package struct Escalation: Hashable, Sendable {
  package let id: String
  package let when: [Predicate]
  /// Capabilities that it asks for.
  package let uses: [String]
  package let settings: [SettingDefinition]
  package let limit: ActLimit?

  package init(
    id: String, when: [Predicate], uses: [String], settings: [SettingDefinition], limit: ActLimit?
  ) {
    self.id = id
    self.when = when
    self.uses = uses
    self.settings = settings
    self.limit = limit
  }
}

/// At most so many in a time, counted apart for each value of some properties of the alert.
package struct ActLimit: Hashable, Sendable {
  package let count: Int
  package let every: TimeSpan
  package let per: [String]

  package init(_ count: Int, every: TimeSpan, per: [String] = []) {
    precondition(count >= 1, "a limit allows at least one")
    self.count = count
    self.every = every
    self.per = per
  }
}

/// Something that an installation must or may say to a plugin.
package struct SettingDefinition: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case text, url, number, duration, flag, choice, secret
  }

  package let name: String
  package let kind: Kind
  /// What it is for, in the plugin's own words.
  package let sentence: String
  /// What holds where nothing is said; a setting without one must be set.
  package let standard: Value?
  /// What a choice may be.
  package let choices: [String]

  package init(
    name: String, kind: Kind, sentence: String, standard: Value? = nil, choices: [String] = []
  ) {
    self.name = name
    self.kind = kind
    self.sentence = sentence
    self.standard = standard
    self.choices = choices
  }

  /// A value as it stands in a configuration; a failure says what is wrong with it.
  ///
  /// A secret is not written down: it is `env:NAME` or `file:PATH`, and only the host reads it.
  package func read(_ text: String) throws(Failure) -> Value {
    switch kind {
    case .text: return .text(text)
    case .url:
      guard text.hasPrefix("https://") || text.hasPrefix("http://"), !text.contains(" ") else {
        throw Failure(
          .usage, "'\(name)' is no address", advice: "write one that begins with https://")
      }
      return .text(text)
    case .number:
      guard let number = Double(text), number.isFinite else {
        throw Failure(.usage, "'\(name)' is '\(text)'", advice: "write a number")
      }
      return .number(number)
    case .duration:
      let words = text.split(separator: " ")
      let units = ["second": 1.0, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800]
      guard words.count == 2, let count = Double(words[0]), count.isFinite, count > 0,
        let unit = units[words[1].hasSuffix("s") ? String(words[1].dropLast()) : String(words[1])]
      else {
        throw Failure(.usage, "'\(name)' is '\(text)'", advice: "write such as 5 minutes")
      }
      return .number(count * unit)
    case .flag:
      guard text == "true" || text == "false" else {
        throw Failure(.usage, "'\(name)' is '\(text)'", advice: "write true or false")
      }
      return .flag(text == "true")
    case .choice:
      guard choices.contains(text) else {
        throw Failure(
          .usage, "'\(name)' is '\(text)'", advice: "one of \(choices.joined(separator: ", "))")
      }
      return .text(text)
    case .secret:
      guard text.hasPrefix("env:") || text.hasPrefix("file:") else {
        throw Failure(
          .usage, "'\(name)' is a secret and stands in the open",
          advice: "write env:NAME or file:PATH")
      }
      return .text(text)
    }
  }
}
