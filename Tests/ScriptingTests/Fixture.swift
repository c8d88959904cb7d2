import Primitives
import Scripting
import Testing

/// A script with the given limits and nothing of the host in it.
func makeScript(
  memory: Int = 4 << 20, milliseconds: Int64 = 100, seed: UInt64 = 1, prelude: [String] = [],
  functions: [HostFunction] = []
) throws -> Script {
  var limits = ScriptLimits()
  limits.memory = memory
  limits.call.microseconds = milliseconds * 1000
  limits.load.microseconds = milliseconds * 1000
  return try Script(
    name: "test", limits: limits, seed: seed, prelude: prelude, functions: functions)
}

extension Script {
  func run(_ source: String) throws(ScriptError) -> ScriptValue {
    try load(Array(source.utf8), chunk: "p.lua")
  }

  /// The error that running a source ends with, as it is shown.
  func failure(of source: String) -> ScriptError? {
    do throws(ScriptError) {
      _ = try run(source)
      return nil
    } catch {
      return error
    }
  }
}
