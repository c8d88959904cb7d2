package import Primitives

/// A Lua 5.4 state of its own, with a sealed world around what is loaded into it.
///
/// What differs from plain Lua, besides what is missing: `pairs` walks numbers, then texts by their bytes, so that a
/// run can be repeated (`next` alone keeps Lua's own order); `type` knows `duration`, `time` and `object`; `tostring`
/// shows no addresses; texts do no arithmetic (`"1" + 1` is an error); `table` works raw.
///
/// Confined to one thread at a time: it may move to another between calls, never be used by two. Lua recurses on the
/// C stack with the source (up to 6 MB for 64 KB of it), so that thread needs a stack of 8 MB or more.
package final class Script {
  package let limits: ScriptLimits
  let core: ScriptCore

  /// An empty world: Lua's safe basics, the units of time, the host's functions and what the preludes define.
  ///
  /// - Parameters:
  ///   - name: what the watchdog and messages call it.
  ///   - seed: of `math.random`; the same seed draws the same numbers.
  ///   - prelude: our own Lua source, run in order before anything is loaded. Its globals become the names that a
  ///     plugin sees. It is given one argument, a table of `setmetatable`. Afterwards every table reachable from the
  ///     globals by names is sealed, unless it has a metatable. What stands under `__constant` there is what the host
  ///     reads of such a table.
  ///   - keepsGlobals: what is loaded may set globals, which the next sources that are loaded find.
  package init(
    name: String, limits: ScriptLimits = ScriptLimits(), seed: UInt64 = 0, prelude: [String] = [],
    functions: [HostFunction] = [], keepsGlobals: Bool = false
  ) throws(ScriptError) {
    self.limits = limits
    core = try ScriptCore(name: name, limits: limits, seed: seed, functions: functions)
    try core.prepare(prelude: prelude, keepsGlobals: keepsGlobals)
  }

  /// Runs a chunk in the environment of the plugin and reads what it returns (its first value).
  ///
  /// Chunks loaded into one script share nothing but the sealed base. `chunk` names the source in errors.
  package func load(_ source: [UInt8], chunk: String) throws(ScriptError) -> ScriptValue {
    try core.load(source, chunk: chunk, deadline: limits.load)
  }

  /// Calls a function of this script and reads its first result.
  ///
  /// Tables are copied in both directions. `deadline` is `limits.call` where absent.
  package func call(
    _ function: ScriptFunction, _ arguments: [ScriptValue], deadline: TimeSpan? = nil
  ) throws(ScriptError) -> ScriptValue {
    precondition(function.core === core, "a function is called in the script that it lives in")
    return try core.call(function, arguments, deadline: deadline ?? limits.call)
  }

  /// The same with objects only, for actions: nothing is copied.
  package func call(
    _ function: ScriptFunction, _ first: ScriptObject, _ second: ScriptObject? = nil,
    deadline: TimeSpan? = nil
  ) throws(ScriptError) -> ScriptValue {
    precondition(function.core === core, "a function is called in the script that it lives in")
    return try core.call(function, first, second, deadline: deadline ?? limits.call)
  }

  /// Makes a call ready that is made again and again; `deadline` is `limits.call` where absent.
  package func prepare(
    _ function: ScriptFunction, _ first: ScriptObject, _ second: ScriptObject,
    deadline: TimeSpan? = nil
  ) -> PreparedCall {
    precondition(function.core === core, "a function is called in the script that it lives in")
    return core.prepared(function, first, second, deadline: deadline ?? limits.call)
  }

  /// What ends the call that runs, from any thread: it fails as interrupted within a few milliseconds, or when the host
  /// function that it waits for returns. Where none runs, the next one does so, unless it is forgotten before.
  package var interrupter: Interrupter { Interrupter(core: core) }

  /// What was asked to end has ended: calls run again.
  package func forgetInterruption() { core.forgetInterruption() }

  /// Makes an object of this script whose fields a reader answers. Made once and passed to many calls.
  package func object(_ reader: any FieldReader) throws(ScriptError) -> ScriptObject {
    let object = ScriptObject(core: core, reader: reader)
    guard object.reference >= 0 else { throw core.outOfMemory }
    return object
  }

  /// Lets go of all that nothing in it names any more, such as what loading left behind. Between calls.
  package func collect() { core.collect() }

  /// Bytes that the state holds now.
  package var memory: Int { core.memory }
  /// Loads and calls so far.
  package var calls: Int { core.calls }
  /// Spent in them, without the time that waiting host functions took.
  package var nanoseconds: Int { core.nanoseconds }
}

extension Script {
  /// Ends the call that a script runs.
  ///
  /// `@unchecked`: all that it touches is one atomic flag of the state, which the core that it holds keeps alive.
  package struct Interrupter: @unchecked Sendable {
    fileprivate let core: ScriptCore

    package func callAsFunction() { core.interrupt() }
  }
}
