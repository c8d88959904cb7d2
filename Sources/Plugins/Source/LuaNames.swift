/// The names of a Lua file that are not its own variables, resolved by scope as Lua resolves them.
///
/// What a call is given beside its own parameters is left out, and so is all that depends on what runs: a parameter or a
/// local that is assigned anywhere, a name that is computed. A file that is not Lua has none, since Lua refuses it.
struct LuaNames {
  /// What a chain of names begins with.
  enum Root: Hashable {
    case global
    /// A parameter of the function whose word `function` is this token, from 0.
    case parameter(function: Int, index: Int)
  }

  /// `string.format` as a global's path, `event.user` as a member of a parameter.
  struct Use {
    let root: Root
    /// Of a global its own name first; of a parameter the member, or nothing where it is called itself.
    let path: [String]
    let position: SourcePosition
  }

  /// What is written out as an argument or under a key.
  enum Written {
    case text(String, SourcePosition)
    case number(String)
    case table(Table)
    case other
  }

  struct Field {
    let name: String
    let value: Written
    let position: SourcePosition
  }

  struct Table {
    /// The keys that are written out.
    var fields: [Field] = []
    /// Whether it may have others: values without a key, or computed keys.
    var hasOthers = false
  }

  struct Call {
    let callee: Use
    let arguments: [Written]
  }

  private(set) var uses: [Use] = []
  /// What is assigned: a global, or a member of one or of a parameter.
  private(set) var assigned: [Use] = []
  private(set) var calls: [Call] = []

  init(_ tokens: [LuaToken]) {
    var reader = LuaNameReader(tokens)
    guard reader.read() else { return }
    uses = reader.uses
    assigned = reader.assigned
    calls = reader.calls
  }

  /// The members of a function's parameter that are read and that the function does not set itself.
  func members(of index: Int, in function: Int) -> [Use] {
    let root = Root.parameter(function: function, index: index)
    let own = Set(assigned.filter { $0.root == root }.map(\.path))
    return uses.filter { $0.root == root && !own.contains($0.path) }
  }
}
