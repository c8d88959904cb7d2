import Detection
import Primitives
import Scripting

/// A kept event as Lua sees it: a table of its fields beside `id`, `time`, `kind` and `source`.
enum EventTable {
  static let own = ["time", "id", "kind", "source"]

  static func table(_ event: EventRecord) -> ScriptTable {
    var named: [(name: String, value: ScriptValue)] = [
      (ReplPrelude.tag, .text("event")), ("id", .text(event.id)), ("time", .time(event.time)),
      ("kind", .text(event.kind)), ("source", .text(event.source)),
    ]
    for (name, value) in event.fields.sorted(by: { $0.key < $1.key })
    where !own.contains(name) && !name.hasPrefix(ReplPrelude.tag) {
      named.append((name, ScriptValue(value)))
    }
    return ScriptTable(named: named)
  }
}

extension ScriptValue {
  init(_ value: Value) {
    self =
      switch value {
      case .missing: .nil
      case .number(let x): x == x.rounded() && abs(x) < 1e15 ? .integer(Int64(x)) : .of(x)
      case .text(let text): .text(text)
      case .flag(let flag): .flag(flag)
      }
  }
}
