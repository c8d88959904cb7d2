import Scripting

/// Reads a `suite "id" { ["name"] = function(t) … end }`.
struct SuiteReader {
  let reader: TableReader

  func suite() -> Suite? {
    let envelope = reader.declared.envelope
    guard let subject = envelope["subject"].text else {
      reader.report(
        "wrong-type", "a suite needs the id of a plugin, not \(described(envelope["subject"]))",
        suggestion: "write suite \"auth.login-burst\" { … }")
      return nil
    }
    reader.allow(reader.table.named.map(\.name))
    var cases: [(case: Suite.Case, column: Int)] = []
    for (name, value) in reader.table.named {
      guard let function = value.function else {
        reader.wrongType(.name(name), value, wanted: "a function(t)")
        continue
      }
      reader.checkMembers(
        of: 0, in: .name(name), code: "unknown-name", facts: "t", among: LuaPrelude.bench)
      let position = reader.position(.name(name))
      cases.append(
        (Suite.Case(name: name, line: position?.line ?? function.line), position?.column ?? 0))
    }
    if cases.isEmpty, reader.table.named.isEmpty {
      reader.report(
        "empty-suite", "no cases", suggestion: "add [\"what happens\"] = function(t) … end")
    }
    cases.sort { ($0.case.line, $0.column, $0.case.name) < ($1.case.line, $1.column, $1.case.name) }
    return Suite(subject: subject, cases: cases.map(\.case), origin: reader.declared.origin)
  }
}
