import CLuaShim
import Primitives

/// A call of one function with the same objects again and again, for the hot path: nothing is copied, looked up or
/// counted that is the same each time.
package final class PreparedCall {
  private let core: ScriptCore
  private let function: ScriptFunction
  private let objects: [ScriptObject]
  private let state: OpaquePointer
  private let references: (function: Int32, first: Int32, second: Int32)
  private let deadline: TimeSpan
  private let limit: Int64

  init(
    _ core: ScriptCore, _ state: OpaquePointer, _ function: ScriptFunction,
    _ first: ScriptObject, _ second: ScriptObject, deadline: TimeSpan
  ) {
    self.core = core
    self.state = state
    self.function = function
    objects = [first, second]
    references = (function.reference, first.reference, second.reference)
    self.deadline = deadline
    limit = core.nanoseconds(deadline)
  }

  /// The function's first result.
  package func callAsFunction() throws(ScriptError) -> ScriptValue {
    var isNothing = false
    let status = mw_call_objects(
      state, references.function, references.first, references.second, limit, &isNothing)
    if isNothing { return .nil }
    return try core.answer(status, of: function, within: deadline)
  }

  /// Spent in all calls of the script so far, as `Script.nanoseconds` says.
  package var nanoseconds: Int { Int(truncatingIfNeeded: mw_nanoseconds(state)) }
}
