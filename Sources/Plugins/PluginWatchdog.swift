package import Primitives
import Scripting

/// What happens when a plugin keeps a processor and cannot be stopped; see `Watchdog`.
package enum PluginWatchdog {
  /// The handler is told the plugin's name (a rule's or scenario's id, or the file that is being read), on the timer's
  /// thread, once for each call.
  package static func onOverrun(
    after grace: TimeSpan, _ handler: @convention(c) (UnsafePointer<CChar>?) -> Void
  ) {
    Watchdog.onOverrun(after: grace, handler)
  }
}
