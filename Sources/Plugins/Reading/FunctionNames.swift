import Response
import Scripting

extension TableReader {
  /// Reports the members of a function's argument that it does not have. The function stands under a key, the argument is
  /// counted from 0; `complaint` is nothing for a member that is there.
  func checkMembers(
    of argument: Int, in key: LuaSourceMap.Key, code: String = "unknown-field",
    complaint: (String) -> String?
  ) {
    guard let function = function(under: key) else { return }
    for use in file.names.members(of: argument, in: function) {
      guard let name = use.path.first, let message = complaint(name) else { continue }
      report(code, in: key, at: use.position, message)
    }
  }

  /// Reports the keys that a table may not have that is given to an argument: `emit { … }`.
  func checkKeys(
    givenTo argument: Int, in key: LuaSourceMap.Key, complaint: (String) -> String?
  ) {
    guard let function = function(under: key) else { return }
    for call in file.names.calls
    where call.callee.root == .parameter(function: function, index: argument) {
      guard case .table(let table)? = call.arguments.first else { continue }
      for field in table.fields {
        guard let message = complaint(field.name) else { continue }
        report("unknown-field", in: key, at: field.position, message)
      }
    }
  }

  private func function(under key: LuaSourceMap.Key) -> Int? {
    declared.sharesPlace
      ? nil
      : declared.place.flatMap { file.map.function(at: path + [key], of: $0) }
  }

  private func report(
    _ code: String, in key: LuaSourceMap.Key, at position: SourcePosition, _ message: String
  ) {
    below(key, table).report(code, at: position, message)
  }

  /// The parts of an alert that a function may read.
  func checkAlert(in key: LuaSourceMap.Key) {
    checkMembers(
      of: 0, in: key, code: "unknown-field", facts: FactReader.alert, among: FactReader.alertNames)
  }

  /// The same for an argument whose members are these.
  func checkMembers(
    of argument: Int, in key: LuaSourceMap.Key, code: String, facts: String, among known: [String]
  ) {
    checkMembers(of: argument, in: key, code: code) {
      known.contains($0) ? nil : FactReader.unknown($0, of: facts, among: known)
    }
  }
}

extension Vocabulary {
  /// What is said of a name that no event has; nothing where one may have it.
  func complaint(field name: String, besides own: [String]) -> String? {
    if own.contains(name) { return nil }
    if groundTruth.contains(name) {
      return "\(quoted(name)) holds the truth about an event, and no plugin may use it"
    }
    if fields[name] != nil { return nil }
    return "unknown field \(quoted(name))\(didYouMean(name, among: own + fields.keys))"
  }
}

extension FileReading {
  /// The lists that `list.has` is asked for by name.
  func checkLists() {
    for call in names.calls
    where call.callee.root == .global && call.callee.path == ["list", "has"] {
      guard case .text(let list, let position)? = call.arguments.first,
        !vocabulary.lists.contains(list)
      else { continue }
      report(
        "unknown-list", at: position,
        "unknown list \(quoted(list))\(didYouMean(list, among: vocabulary.lists))",
        suggestion: "lists are files in config/lists")
    }
  }

  /// Only escalations and playbooks act, and only with what they ask for; a misspelt act is found before it is needed.
  func checkActs(of declared: [Declared]) {
    let acting = declared.filter { $0.kind == "escalation" || $0.kind == "playbook" }
    let uses = acting.flatMap { $0.body["uses"].table?.list.compactMap(\.text) ?? [] }
    for use in names.uses where use.root == .global && use.path.first == "act" {
      guard use.path.count >= 3 else { continue }
      let text = use.path[1...2].joined(separator: ".")
      guard let word = ActWord(rawValue: text) else {
        report(
          "unknown-act", at: use.position,
          "there is no act \(quoted(text))"
            + didYouMean(text, among: ActWord.allCases.map(\.rawValue)))
        continue
      }
      if acting.isEmpty, let kind = declared.first?.kind {
        report(
          "may-not-act", at: use.position, "a \(kind) cannot act: act.\(text)",
          suggestion: "do it in an escalation or a playbook")
      } else if !acting.isEmpty, !uses.contains(word.capability) {
        report(
          "unused-capability", at: use.position,
          "act.\(text) needs the capability '\(word.capability)'",
          suggestion: "write uses = { \"\(word.capability)\" }")
      }
    }
    for call in names.calls where call.callee.root == .global && call.callee.path.first == "act" {
      guard let word = ActWord(rawValue: call.callee.path.dropFirst().joined(separator: ".")),
        case .table(let table)? = call.arguments.first
      else { continue }
      check(table, givenTo: word, at: call.callee.position)
    }
  }

  /// What is written out of the arguments of an act.
  private func check(_ table: LuaNames.Table, givenTo word: ActWord, at position: SourcePosition) {
    let known = word.arguments
    for field in table.fields {
      guard let argument = known.first(where: { $0.name == field.name }) else {
        report(
          "unknown-key", at: field.position, ActFunctions.unknown(field.name, of: word))
        continue
      }
      guard argument.kind == .duration, case .number(let digits) = field.value else { continue }
      report(
        "no-unit", at: field.position,
        "act.\(word.rawValue): '\(field.name)' is a number without a unit",
        suggestion: "write \(digits) * second")
    }
    guard !table.hasOthers else { return }
    for argument in known
    where argument.isNeeded && !table.fields.contains(where: { $0.name == argument.name }) {
      report(
        "missing-key", at: position, "act.\(word.rawValue) needs '\(argument.name)'",
        suggestion: "write \(argument.name) = …")
    }
  }
}
