import Primitives
import Response
import Scripting

/// The functions below `act.`, through which alone a plugin changes the world.
///
/// A class because the functions of the Lua state and the runner look at the same one.
final class ActFunctions {
  private let owner: String
  private let uses: [String]
  /// Set while a function of the plugin runs; nothing may be done at other times.
  var act: ((Act) throws -> JSONValue)?

  init(owner: String, uses: [String]) {
    self.owner = owner
    self.uses = uses
  }

  var functions: [HostFunction] {
    ActWord.allCases.map { word in
      HostFunction("act.\(word.rawValue)", waits: true) { [unowned self] in try perform(word, $0) }
    }
  }

  /// While a file is read nothing is done yet.
  static var unasked: [HostFunction] {
    ActWord.allCases.map { word in
      HostFunction("act.\(word.rawValue)") { _ in
        throw Refusal("act.\(word.rawValue) is called inside run or undo")
      }
    }
  }

  private func perform(_ word: ActWord, _ arguments: [ScriptValue]) throws -> ScriptValue {
    guard uses.contains(word.capability) else {
      throw Refusal("act.\(word.rawValue) needs uses = { \"\(word.capability)\" } in \(owner)")
    }
    guard let act else { throw Refusal("act.\(word.rawValue) is called inside run or undo") }
    return ActFunctions.script(try act(try ActFunctions.read(word, arguments)))
  }

  static func unknown(_ name: String, of word: ActWord) -> String {
    let known = word.arguments.map(\.name)
    return "act.\(word.rawValue) knows no \(quoted(name))\(didYouMean(name, among: known))"
  }

  static func read(_ word: ActWord, _ arguments: [ScriptValue]) throws -> Act {
    let known = word.arguments
    guard let table = arguments.first?.table, table.list.isEmpty, Declared.word(arguments[0]) == nil
    else {
      let example = known.filter(\.isNeeded).map { "\($0.name) = …" }.joined(separator: ", ")
      throw Refusal("act.\(word.rawValue) needs a table: { \(example) }")
    }
    for (name, _) in table.named where !known.contains(where: { $0.name == name }) {
      throw Refusal(unknown(name, of: word))
    }
    var members: [JSONValue.Member] = []
    for argument in known.sorted(by: { $0.name < $1.name }) {
      let value = table[argument.name]
      if value.isNil {
        if argument.isNeeded {
          throw Refusal("act.\(word.rawValue) needs '\(argument.name)'")
        }
        continue
      }
      guard let json = json(value, argument.kind) else {
        throw Refusal(
          "act.\(word.rawValue): '\(argument.name)' must be a \(argument.kind.rawValue), not "
            + described(value))
      }
      members.append(.init(argument.name, json))
    }
    return Act(word, members)
  }

  private static func json(_ value: ScriptValue, _ kind: ActWord.Kind) -> JSONValue? {
    switch kind {
    case .text: value.text.flatMap { $0.isEmpty ? nil : .text($0) }
    case .url:
      // A setting may be a secret that holds an address.
      value.text.flatMap {
        $0.hasPrefix("https://") || $0.hasPrefix("http://") || $0.hasPrefix("‹secret:")
          ? .text($0) : nil
      }
    case .number: value.number.map { whole($0) }
    case .duration: value.duration.map { whole($0.seconds) }
    case .table: value.table.map { _ in document(value) }
    }
  }

  private static func whole(_ x: Double) -> JSONValue {
    Int64(exactly: x).map { .integer($0) } ?? .number(x)
  }

  /// A Lua value as a document: durations in seconds, times as text; what has no form there is left out.
  static func document(_ value: ScriptValue) -> JSONValue {
    switch value {
    case .nil, .function, .object: .null
    case .flag(let flag): .flag(flag)
    case .integer(let number): .integer(number)
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    case .duration(let span): whole(span.seconds)
    case .time(let time): .text(time.description)
    case .table(let table):
      table.named.isEmpty && !table.list.isEmpty
        ? .list(table.list.map(document))
        : .object(
          table.list.enumerated().map { .init("\($0 + 1)", document($1)) }
            + table.named.map { .init($0.name, document($0.value)) })
    }
  }

  /// What the other side answered, as Lua sees it.
  private static func script(_ value: JSONValue) -> ScriptValue {
    switch value {
    case .null: .nil
    case .flag(let flag): .flag(flag)
    case .integer(let number): .integer(number)
    case .number(let number): number.isFinite ? .number(number) : .nil
    case .text(let text): .text(text)
    case .list(let elements): .table(ScriptTable(list: elements.map(script)))
    case .object(let members):
      .table(ScriptTable(named: members.map { ($0.key, script($0.value)) }))
    }
  }
}
