import Primitives
import Scripting

extension ScriptValue {
  /// The value as JSON: times as RFC 3339, lengths of time in seconds, marks of the console left out.
  var json: JSONValue {
    switch self {
    case .nil: .null
    case .flag(let flag): .flag(flag)
    case .integer(let n): .integer(n)
    case .number(let x): .number(x)
    case .text(let text): .text(text)
    case .duration(let span): .number(Double(span.microseconds) / 1e6)
    case .time(let time): .text(time.description)
    case .function: .text("function")
    case .object: .text("object")
    case .table(let table): table.json
    }
  }

  /// The value as a source of Lua that gives it again.
  var lua: String {
    switch self {
    case .nil: "nil"
    case .flag(let flag): "\(flag)"
    case .integer(let n): n == .min ? "math.mininteger" : "\(n)"
    case .number(let x): "\(x)"
    case .text(let text): luaText(text)
    case .duration(let span):
      span.microseconds % 1_000_000 == 0
        ? "\(span.microseconds / 1_000_000) * second"
        : "\(Double(span.microseconds) / 1e6) * second"
    case .time(let time): "time(\"\(time)\")"
    case .function: "nil --[[function]]"
    case .object: "nil --[[object]]"
    case .table(let table): table.lua
    }
  }

  /// The value in a cell or a sentence.
  var words: String {
    switch self {
    case .nil: Format.missing
    case .flag(let flag): flag ? "yes" : "no"
    case .integer(let n): "\(n)"
    case .number(let x): Format.number(x, atMost: 4)
    case .text(let text): text
    case .duration(let span): Format.span(span)
    case .time(let time): time.description.replacing("T", with: " ").replacing("Z", with: "")
    case .function(let function):
      function.line > 0 ? "function of line \(function.line)" : "function"
    case .object: "object"
    case .table(let table): table.words
    }
  }

  /// What a table says that it is; missing for other values.
  var tag: String? { table?[ReplPrelude.tag].text }
}

extension ScriptTable {
  /// The named values that are the reader's: without the console's own marks.
  var members: [(name: String, value: ScriptValue)] {
    named.filter { !$0.name.hasPrefix(ReplPrelude.tag) }
  }

  /// Elements of the list, those that were not copied included. Whatever a table says of itself, it has those that it holds.
  var length: Int { max(list.count, self[ReplPrelude.length].integer.map(Int.init) ?? 0) }

  fileprivate var json: JSONValue {
    if members.isEmpty { return .list(list.map(\.json)) }
    var fields = members.map { JSONValue.Member($0.name, $0.value.json) }
    if !list.isEmpty { fields.append(.init("list", .list(list.map(\.json)))) }
    return .object(fields)
  }

  fileprivate var lua: String {
    let parts =
      list.map(\.lua) + members.map { name, value in "\(luaKey(name)) = \(value.lua)" }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  fileprivate var words: String {
    switch self[ReplPrelude.tag].text {
    case "alert": return "alert \(self["id"].text?.prefix(10) ?? "")"
    case "count": return self["value"].words
    default: break
    }
    if members.isEmpty && list.allSatisfy({ $0.table == nil }) {
      return list.map(\.words).joined(separator: ", ")
    }
    if list.isEmpty && members.allSatisfy({ $0.value.table == nil }) {
      return members.map { "\($0.name) \($0.value.words)" }.joined(separator: ", ")
    }
    return length > 0 ? "\(named(length, "element"))" : "{…}"
  }

  private func named(_ count: Int, _ what: String) -> String {
    "\(Format.count(count)) \(what)\(count == 1 ? "" : "s")"
  }
}

/// A text in quotes as Lua reads it, with nothing in it that would move a cursor.
func luaText(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    default:
      if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result + "\""
}

/// The left side of a field: a bare name where it is one.
private func luaKey(_ name: String) -> String {
  let bytes = name.utf8
  let isName =
    bytes.first.map { $0 == 95 || isLetter($0) } ?? false
    && bytes.allSatisfy { $0 == 95 || isLetter($0) || (48...57).contains($0) }
  return isName && !luaWords.contains(name) ? name : "[\(luaText(name))]"
}

private func isLetter(_ byte: UInt8) -> Bool {
  (65...90).contains(byte) || (97...122).contains(byte)
}

let luaWords: Set<String> = [
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
]
