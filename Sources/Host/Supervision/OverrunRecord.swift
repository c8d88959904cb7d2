import Foundation
import Glibc
import Plugins
import Primitives
import Synchronization

/// What is left behind when a plugin takes the process with it: its name, in a file of the data directory.
///
/// A deadline ends everything but a single Lua instruction that itself takes seconds. Then the watchdog ends the
/// process, and the next start sets that plugin aside.
package enum OverrunRecord {
  /// The status of a supervised process that a plugin ended; no other way out has it.
  static let status: Int32 = 86
  private static let name = "overrun"
  private static let folder = Mutex<String?>(nil)
  private static let isOurProcess = Atomic<Bool>(false)

  /// The process is the program's own, to be ended where a plugin does not end; that of a test is not.
  package static func claimProcess() { isOurProcess.store(true, ordering: .relaxed) }

  /// From now on the watchdog leaves the plugin's name in the data directory of these settings. Nothing in a process
  /// that is not the program's own.
  static func arm(_ settings: Settings) {
    guard isOurProcess.load(ordering: .relaxed) else { return }
    folder.withLock { $0 = settings.dataDirectory }
    PluginWatchdog.onOverrun(after: settings.watchdog) { name in
      OverrunRecord.end(name.map { String(cString: $0) } ?? "?")
    }
  }

  /// On the timer's thread. Whatever the other threads hold stays held, so nothing here waits for them.
  private static func end(_ plugin: String) {
    let place = folder.withLock { $0 } ?? "."
    var told = "moonwatch: plugin '\(printable(plugin, limit: 200))' does not end; "
    do throws(Failure) {
      try Folder.make(place)
      let path = "\(place)/\(name)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw Failure(.internal, "'\(path)': \(systemError(errno))") }
      let written = plugin.withCString { write(descriptor, $0, strlen($0)) }
      guard written == plugin.utf8.count, fsync(descriptor) == 0 else {
        throw Failure(.internal, "'\(path)': \(systemError(errno))")
      }
      close(descriptor)
      told += "the process ends, and the plugin is set aside until its file changes\n"
    } catch {
      told += "the process ends (which plugin it was could not be written to \(error.message))\n"
    }
    _ = told.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    Interrupt.end(Supervisor.isSupervised ? status : Failure.Kind.internal.rawValue)
  }

  /// The plugin that ended the last process, and the record is gone; missing where none did.
  static func take(_ settings: Settings) throws(Failure) -> String? {
    let path = "\(settings.dataDirectory)/\(name)"
    guard access(path, F_OK) == 0 else { return nil }
    let plugin = try Folder.text(of: path, "the record of the watchdog")
    guard unlink(path) == 0 else {
      throw Failure(
        .internal, "cannot remove '\(path)': \(systemError(errno))",
        advice: "make the data directory writable")
    }
    return plugin.isEmpty ? nil : plugin
  }
}
