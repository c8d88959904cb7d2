import Primitives
import Scripting

/// The names that a plugin finds in its world, as the tables hold them that registered them.
enum LuaWorld {
  /// A name that is not there, as Lua itself would say it.
  struct Unknown {
    /// `unknown-name`, or `sealed` where it is assigned.
    let code: String
    let path: [String]
    let position: SourcePosition
    let message: String
    /// The dotted path of the name that may be meant.
    let nearest: String?
  }

  /// What stands in the world while a file is read.
  static var functions: [HostFunction] {
    [ListFunction.unasked, FigureFunction.function] + ActFunctions.unasked
  }

  /// The members of each table by its path, that of the globals being empty.
  static let members: [[String]: Set<String>] = {
    var members: [[String]: Set<String>] = [:]
    func walk(_ table: ScriptTable, _ path: [String]) {
      if table.named.isEmpty { return }
      members[path] = Set(table.named.map(\.name))
      for (name, value) in table.named {
        if let inner = value.table { walk(inner, path + [name]) }
      }
    }
    do {
      let script = try Script(
        name: "names", prelude: [LuaPrelude.source, namesPrelude], functions: functions)
      let names = try script.load(Array("return names_of_the_world".utf8), chunk: "names")
      if let table = names.table { walk(table, []) }
    } catch {
      // The prelude is our own; without it no plugin loads, and that is told where it does not.
    }
    return members
  }()

  private static let namesPrelude = """
    local kit = ...
    local function names(table, found)
      for name, value in pairs(table) do
        found[name] = type(value) == "table" and not value["@"] and names(value, {}) or true
      end
      return found
    end
    -- A table of its own behaviour is not sealed, and is read as the constant behind it.
    names_of_the_world = kit.setmetatable({}, { __constant = names(_ENV, {}) })
    """

  /// What a file reads or assigns that is not there, each name once a line. A global that it assigns is told where it does.
  static func unknown(_ names: LuaNames) -> [Unknown] {
    let assigned = names.assigned.filter { $0.root == .global }
    let own = Set(assigned.map(\.path[0])).subtracting(members[[]] ?? [])
    var found = assigned.compactMap(set)
    var told: [[String]: UnknownName] = [:]
    for use in names.uses where use.root == .global && !own.contains(use.path[0]) {
      guard let path = firstUnknown(of: use.path) else { continue }
      let name =
        told[path]
        ?? UnknownName(
          printable(path[path.count - 1], limit: 80), in: path.dropLast().joined(separator: "."),
          known: members[Array(path.dropLast())] ?? [])
      told[path] = name
      found.append(
        Unknown(
          code: "unknown-name", path: path, position: use.position, message: name.message,
          nearest: name.nearest))
    }
    var lines: Set<String> = []
    return found.filter { lines.insert("\($0.position.line) \($0.message)").inserted }
  }

  /// The path up to the first name that is not there; nothing where all are, and for the acts, which are told by what needs them.
  private static func firstUnknown(of path: [String]) -> [String]? {
    var parent: [String] = []
    for name in path {
      guard let known = members[parent] else { return nil }
      if !known.contains(name) { return parent.first == "act" ? nil : parent + [name] }
      parent.append(name)
    }
    return nil
  }

  /// The words are those of the sandbox, which refuses it when it runs.
  private static func set(_ use: LuaNames.Use) -> Unknown? {
    guard let name = use.path.last.map({ printable($0, limit: 80) }), use.path.count <= 2 else {
      return nil
    }
    var message = "'\(name)' is not a local variable; write 'local \(name) = ...'"
    if use.path.count == 2 {
      guard members[[use.path[0]]] != nil else { return nil }
      let table = use.path[0]
      message = "'\(table).\(name)' cannot be set: '\(table)' is sealed"
    }
    return Unknown(
      code: "sealed", path: use.path, position: use.position, message: message, nearest: nil)
  }

  /// Our own Lua that gives names which are not there a meaning, so that the rest of a file is read all the same: that of the
  /// nearest name, or else a value that goes through everything. Nothing of such a file is ever used.
  static func stand(in unknown: [Unknown]) -> String {
    // What is written as a text may be anything, and nothing of a plugin becomes Lua of ours but plain names.
    let plain = unknown.filter { name in
      name.code == "unknown-name" && name.path.allSatisfy { isFieldName($0.lowercased()) }
    }
    let names = plain.map { name in
      "_ENV\(name.path.map { "[\"\($0)\"]" }.joined()) = \(name.nearest ?? "unknown")"
    }
    return """
      local kit = ...
      local unknown = {}
      local function itself() return unknown end
      local behaviour = {
        __constant = { ["@"] = "\(unknownTag)", body = {} },
        __newindex = function() end,
        __len = function() return 0 end,
        __lt = function() return false end,
        __le = function() return false end,
        __metatable = false,
      }
      for _, name in ipairs {
        "index", "call", "concat", "unm", "add", "sub", "mul", "div", "mod", "pow", "idiv",
      } do
        behaviour["__" .. name] = itself
      end
      kit.setmetatable(unknown, behaviour)
      \(Set(names).sorted().joined(separator: "\n"))
      """
  }

  /// What the host reads where a name stands that is not known.
  static let unknownTag = "unknown"

  /// Whether a value came of a name that is not known, which was told where the name stands.
  static func isUnknown(_ value: ScriptValue) -> Bool {
    guard let table = value.table else { return false }
    if let word = Declared.word(value) {
      return word.tag == unknownTag || word.body.list.contains(where: isUnknown)
    }
    return table.named.isEmpty && table.list.contains(where: isUnknown)
  }
}
