package import Primitives

/// A Lua value as the host sees it.
package indirect enum ScriptValue: Equatable {
  case `nil`
  case flag(Bool)
  case integer(Int64)
  /// Always finite when it comes from Lua.
  case number(Double)
  case text(String)
  case duration(TimeSpan)
  case time(Timestamp)
  case table(ScriptTable)
  case function(ScriptFunction)
  /// Only from the host to Lua.
  case object(ScriptObject)
}

extension ScriptValue {
  package var isNil: Bool { self == .nil }

  package var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  package var flag: Bool? {
    if case .flag(let flag) = self { flag } else { nil }
  }

  /// An integer or a number.
  package var number: Double? {
    switch self {
    case .integer(let n): Double(n)
    case .number(let x): x
    default: nil
    }
  }

  /// An integer, or a number without a fraction.
  package var integer: Int64? {
    switch self {
    case .integer(let n): n
    case .number(let x): Int64(exactly: x)
    default: nil
    }
  }

  package var duration: TimeSpan? {
    if case .duration(let span) = self { span } else { nil }
  }

  package var time: Timestamp? {
    if case .time(let time) = self { time } else { nil }
  }

  package var table: ScriptTable? {
    if case .table(let table) = self { table } else { nil }
  }

  package var function: ScriptFunction? {
    if case .function(let function) = self { function } else { nil }
  }

  /// What a message calls it: `text`, `number`, `table`, …
  package var kind: String {
    switch self {
    case .nil: "nothing"
    case .flag: "true or false"
    case .integer, .number: "number"
    case .text: "text"
    case .duration: "duration"
    case .time: "time"
    case .table: "table"
    case .function: "function"
    case .object: "object"
    }
  }
}

/// A table as read raw: the positions 1, 2, 3, … and the named part.
package struct ScriptTable: Equatable {
  package var list: [ScriptValue]
  /// Ordered by name (by bytes) when it comes from Lua, which keeps no order of its own.
  package var named: [(name: String, value: ScriptValue)]

  package init(list: [ScriptValue] = [], named: [(name: String, value: ScriptValue)] = []) {
    self.list = list
    self.named = named
  }

  /// Nothing where the name is absent.
  package subscript(_ name: String) -> ScriptValue {
    for (known, value) in named where known == name { return value }
    return .nil
  }

  package static func == (a: ScriptTable, b: ScriptTable) -> Bool {
    a.list == b.list && a.named.count == b.named.count
      && zip(a.named, b.named).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }
}

/// A function that lives in a script. It may be called by `Script.call` of that script and nothing else.
package final class ScriptFunction: Equatable {
  let core: ScriptCore
  let reference: Int32
  /// The name of the source that it came from.
  package let chunk: String
  /// The line where its definition begins; 0 for a function of the host.
  package let line: Int

  init(core: ScriptCore, reference: Int32, chunk: String, line: Int) {
    self.core = core
    self.reference = reference
    self.chunk = chunk
    self.line = line
  }

  deinit { core.release(reference) }

  package static func == (a: ScriptFunction, b: ScriptFunction) -> Bool { a === b }
}
