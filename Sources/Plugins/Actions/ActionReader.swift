import Detection
import Primitives
import Response
import Scripting

/// Reads what escalations and playbooks share: `when`, `uses`, `settings`, `limit`.
struct ActionReader {
  let reader: TableReader

  func when() -> [Predicate] {
    if reader.table["when"].isNil {
      reader.report(
        "missing-key", "'when' is missing: every alert would set it off",
        suggestion: "write when = { severity = \"critical\" }")
    }
    return PredicateReader(reader, scope: .alert).predicates("when")
  }

  func uses() -> [String] {
    let uses = reader.texts("uses")
    for (index, name) in uses.enumerated() where !ActWord.capabilities.contains(name) {
      reader.below(.name("uses"), ScriptTable()).report(
        "unknown-capability", at: .index(index + 1),
        "there is no capability \(quoted(name))\(didYouMean(name, among: ActWord.capabilities))",
        suggestion: "one of \(ActWord.capabilities.joined(separator: ", "))")
    }
    return uses
  }

  func limit() -> ActLimit? {
    guard let inner = reader.inner("limit", wanted: "a table such as { 1, every = 1 * hour }")
    else { return nil }
    inner.allow(["every", "per"], items: 1)
    let every = inner.span("every", example: "30 * minute")
    let count = inner.table.list.first.flatMap(\.integer).flatMap { Int(exactly: $0) } ?? 0
    if !(1...1_000_000).contains(count) {
      inner.report(
        "bad-count", at: .index(1), "a limit begins with how many are allowed",
        suggestion: "write { 1, every = 30 * minute }")
    }
    let per = inner.texts("per")
    for (index, name) in per.enumerated() where AlertFacts.types[name] == nil {
      inner.below(.name("per"), ScriptTable()).report(
        "unknown-field", at: .index(index + 1),
        "an alert has no \(quoted(name))\(didYouMean(name, among: AlertFacts.types.keys))")
    }
    guard let every, count >= 1 else { return nil }
    return ActLimit(count, every: every, per: per)
  }

  /// In order of name; those with a problem are left out.
  func settings() -> [SettingDefinition] {
    guard
      let inner = reader.inner(
        "settings", wanted: "a table of settings such as { url = setting.url \"What it is for\" }")
    else { return [] }
    inner.allow(inner.table.named.map(\.name))
    return inner.table.named.compactMap { name, value in
      guard isFieldName(name) else {
        inner.report(
          "bad-name", at: .name(name),
          "\(quoted(name)) is not a name (lower case words joined by _)")
        return nil
      }
      guard let word = Declared.word(value), word.tag.hasPrefix("setting."),
        let kind = SettingDefinition.Kind(rawValue: String(word.tag.dropFirst(8)))
      else {
        inner.wrongType(.name(name), value, wanted: "a setting such as setting.text \"…\"")
        return nil
      }
      return setting(name, kind, inner.below(.name(name), word.body))
    }
  }

  private func setting(
    _ name: String, _ kind: SettingDefinition.Kind, _ inner: TableReader
  ) -> SettingDefinition? {
    inner.allow(["default"] + (kind == .choice ? ["choices"] : []), items: 1)
    guard let sentence = inner.table.list.first?.text else {
      inner.report(
        "missing-key", "says not what it is for",
        suggestion: "write setting.\(kind.rawValue) \"What it is for\"")
      return nil
    }
    let choices = kind == .choice ? inner.texts("choices") : []
    if kind == .choice, choices.isEmpty {
      inner.report(
        "missing-key", "'choices' is missing", suggestion: "write choices = { \"a\", \"b\" }")
      return nil
    }
    let given = inner.table["default"]
    if given.isNil {
      return SettingDefinition(name: name, kind: kind, sentence: sentence, choices: choices)
    }
    guard let standard = standard(given, kind, choices) else {
      inner.report(
        "bad-default", at: .name("default"),
        kind == .secret
          ? "a secret has no default, or everybody would know it"
          : "'default' is \(described(given)), which is no \(kind.rawValue)")
      return nil
    }
    return SettingDefinition(
      name: name, kind: kind, sentence: sentence, standard: standard, choices: choices)
  }

  private func standard(
    _ value: ScriptValue, _ kind: SettingDefinition.Kind, _ choices: [String]
  ) -> Value? {
    switch kind {
    case .text: value.text.map { .text($0) }
    case .url:
      value.text.flatMap { $0.hasPrefix("https://") || $0.hasPrefix("http://") ? .text($0) : nil }
    case .number: value.number.map { .number($0) }
    case .duration: value.duration.map { .number($0.seconds) }
    case .flag: value.flag.map { .flag($0) }
    case .choice: value.text.flatMap { choices.contains($0) ? .text($0) : nil }
    case .secret: nil
    }
  }
}

/// Reads an `escalation { … }`.
struct EscalationReader {
  let reader: TableReader

  func escalation() -> EscalationPlugin? {
    reader.allow(["id", "when", "uses", "settings", "limit", "run"])
    let action = ActionReader(reader: reader)
    let id = reader.identifier()
    let when = action.when()
    let uses = action.uses()
    let settings = action.settings()
    let limit = action.limit()
    let run = reader.function("run", example: "function(alert, settings) … end")
    reader.checkAlert(in: .name("run"))
    let names = reader.table["settings"].table?.named.map(\.name) ?? []
    reader.checkMembers(
      of: 1, in: .name("run"), code: "unknown-setting", facts: FactReader.settings, among: names)
    guard let id, run != nil else { return nil }
    return EscalationPlugin(
      escalation: Escalation(id: id, when: when, uses: uses, settings: settings, limit: limit),
      origin: reader.declared.origin)
  }
}

/// Reads a `playbook { … }`.
struct PlaybookReader {
  private static let mostSteps = 50

  let reader: TableReader

  func playbook() -> PlaybookPlugin? {
    reader.allow(["id", "when", "uses", "steps"])
    let action = ActionReader(reader: reader)
    let id = reader.identifier()
    let when = action.when()
    let uses = action.uses()
    guard
      let list = reader.inner(
        "steps", wanted: "a list of steps",
        example: "{ { \"lock\", run = function(alert) … end } }")
    else { return nil }
    list.allow([], items: .max)
    if list.table.list.isEmpty || list.table.list.count > PlaybookReader.mostSteps {
      list.report(
        "wrong-count",
        list.table.list.isEmpty
          ? "no steps"
          : "\(list.table.list.count) steps, and \(PlaybookReader.mostSteps) are allowed")
    }
    let asked = list.table.list.compactMap { step in
      step.table.flatMap { $0["ask"].isNil ? nil : $0.list.first?.text }
    }
    var steps: [Playbook.Step] = []
    for (index, item) in list.table.list.enumerated() {
      guard let table = item.table, Declared.word(item) == nil else {
        list.wrongType(.index(index + 1), item, wanted: "a step, which is a table")
        continue
      }
      let inner = list.below(.index(index + 1), table)
      for key in ["run", "undo"] { checkNames(inner, .name(key), asked) }
      guard let step = step(inner) else { continue }
      if steps.contains(where: { $0.name == step.name }) {
        inner.report("taken-id", "an earlier step is named \(quoted(step.name)) too")
      }
      steps.append(step)
    }
    guard let id, !steps.isEmpty, steps.count == list.table.list.count else { return nil }
    return PlaybookPlugin(
      playbook: Playbook(id: id, when: when, uses: uses, steps: steps),
      origin: reader.declared.origin)
  }

  /// What a step reads of the alert and of the answers.
  ///
  /// - Parameter asked: the steps that ask.
  private func checkNames(_ step: TableReader, _ key: LuaSourceMap.Key, _ asked: [String]) {
    step.checkAlert(in: key)
    step.checkMembers(
      of: 1, in: key, code: "unknown-step", facts: FactReader.answers, among: asked)
  }

  private func step(_ inner: TableReader) -> Playbook.Step? {
    inner.allow(["run", "undo", "ask", "choices", "within", "otherwise"], items: 1)
    guard let name = inner.table.list.first?.text, !name.isEmpty else {
      inner.report(
        "missing-key", "a step begins with its name",
        suggestion: "write { \"lock sign-in\", run = … }")
      return nil
    }
    if inner.table["ask"].isNil {
      for key in ["choices", "within", "otherwise"] where !inner.table[key].isNil {
        inner.report(
          "unused-key", at: .name(key), "'\(key)' belongs to a question, and nothing is asked",
          suggestion: "write ask = \"…\"")
      }
      guard inner.function("run", example: "function(alert, answers) … end") != nil else {
        return nil
      }
      let undo = inner.function("undo")
      return Playbook.Step(name: name, kind: .run(canUndo: undo != nil))
    }
    for key in ["run", "undo"] where !inner.table[key].isNil {
      inner.report(
        "unused-key", at: .name(key), "a question does nothing, and '\(key)' is never called",
        suggestion: "make it a step of its own")
    }
    return question(inner).map { Playbook.Step(name: name, kind: .ask($0)) }
  }

  private func question(_ inner: TableReader) -> Playbook.Question? {
    let text = inner.text("ask")
    for name in text.map({ MessageTemplate($0).names }) ?? []
    where AlertFacts.types[name] == nil {
      inner.report(
        "unknown-placeholder", at: .name("ask"),
        "an alert has no '{\(name)}'\(didYouMean(name, among: AlertFacts.types.keys))")
    }
    let choices = inner.texts("choices")
    if choices.count < 2 {
      inner.report(
        "wrong-count", at: .name("choices"), "a question needs at least two choices",
        suggestion: "write choices = { \"yes\", \"no\" }")
    }
    let within = inner.span("within", example: "30 * minute")
    let otherwise = inner.text("otherwise", example: "\"\(choices.last ?? "no")\"")
    if let otherwise, !choices.isEmpty, !choices.contains(otherwise) {
      inner.report(
        "bad-otherwise", at: .name("otherwise"), "\(quoted(otherwise)) is none of the choices",
        suggestion: "one of \(choices.joined(separator: ", "))")
    }
    guard let text, choices.count >= 2, let within, let otherwise else { return nil }
    return Playbook.Question(text: text, choices: choices, within: within, otherwise: otherwise)
  }
}
