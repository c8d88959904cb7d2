import CLuaShim
package import Primitives

/// What happens to a call that overruns its deadline and cannot be ended.
///
/// The deadline ends everything but a single Lua instruction or library step that itself takes long, such as the
/// rehash of a table made to collide. After another second of processor time the process prints the script's name and aborts, so that
/// a supervisor starts it anew with the plugin set aside.
package enum Watchdog {
  /// Replaces the abort. The handler is told the script's name, on the timer's thread, once for each call.
  package static func onOverrun(
    after grace: TimeSpan = .seconds(1),
    _ handler: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  ) {
    mw_on_overrun(handler, grace.microseconds * 1000)
  }
}
