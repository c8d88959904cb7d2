import Console
import Primitives
import Scripting
import Synchronization

/// What the commands of the same names print as a value: drawn as they draw it, and in Lua the values of their JSON.
extension Verb {
  /// - Parameter print: prints for people or, where it is asked for, JSON.
  static func drawn(
    _ host: ReplHost, _ print: (Screen, _ style: RowStyle) -> Void
  ) throws(Failure) -> ScriptValue {
    func text(_ style: RowStyle) -> String { drawnText(host) { print($0, style) } }
    var table: ScriptTable
    do throws(JSONProblem) {
      table = ScriptValue(try JSONValue.parse(Array(text(.json).utf8))).table ?? ScriptTable()
    } catch {
      throw Failure(.internal, "a view's JSON cannot be read: \(error.message)")
    }
    table.named.append((ReplPrelude.tag, .text("text")))
    table.named.append((Verb.textKey, .text(text(.text))))
    return .table(table)
  }

  /// What a view prints for people.
  static func drawnText(_ host: ReplHost, _ print: (Screen) -> Void) -> String {
    let collected = Mutex("")
    let screen = Screen(
      quiet: true, output: Terminal(width: host.options.terminal.width),
      result: { text in collected.withLock { $0 += text } })
    print(screen)
    return collected.withLock { $0 }
  }

  /// Where the words of a value that was drawn stand.
  static let textKey = "@text"
}

extension ScriptValue {
  init(_ json: JSONValue) {
    self =
      switch json {
      case .null: .nil
      case .flag(let flag): .flag(flag)
      case .integer(let n): .integer(n)
      case .number(let x): .number(x)
      case .text(let text): .text(text)
      // A hole would end a list of Lua.
      case .list(let elements):
        .table(ScriptTable(list: elements.map { $0 == .null ? .flag(false) : ScriptValue($0) }))
      case .object(let members):
        .table(
          ScriptTable(
            named: members.filter { $0.value != .null }.map {
              (name: $0.key, value: ScriptValue($0.value))
            }))
      }
  }
}
