/// A function of the host that scripts may call.
package struct HostFunction {
  /// A global name, or a path through tables such as `act.http.post`.
  package let name: String
  /// True where it waits for the world: the script's clock stands while it runs.
  package let waits: Bool
  /// What it throws becomes an error in the script, in the words of the error's description.
  package let body: ([ScriptValue]) throws -> ScriptValue

  package init(
    _ name: String, waits: Bool = false, body: @escaping ([ScriptValue]) throws -> ScriptValue
  ) {
    self.name = name
    self.waits = waits
    self.body = body
  }
}
