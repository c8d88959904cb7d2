package import Primitives

/// How much of the machine one script may use. Memory is held over calls; everything else counts anew in each.
///
/// Times are of the thread's processor, exact to a millisecond: a busy machine makes no script fail.
package struct ScriptLimits: Sendable, Hashable {
  /// Bytes that the state may hold, with its code.
  package var memory = 4 << 20
  /// For running a chunk, which compiles it and runs its top level.
  package var load = TimeSpan(microseconds: 500_000)
  /// For one call, where the caller does not say otherwise.
  package var call = TimeSpan(microseconds: 5000)
  /// Bytes of one source. Lua's parser cannot be interrupted; with 64 KB it ends within 0.3 s whatever it reads.
  package var source = 64 << 10
  /// Of a value that leaves Lua: tables in tables (at most 64).
  package var depth = 32
  /// Of a value that leaves Lua: values in it.
  package var nodes = 10_000
  /// Of a value that leaves Lua: bytes of text, names included.
  package var text = 64 << 10

  package init() {}

  /// For scripts that act on the world: 16 MiB and 2 seconds of Lua's own time.
  package static var action: ScriptLimits {
    var limits = ScriptLimits()
    limits.memory = 16 << 20
    limits.call = .seconds(2)
    return limits
  }
}
