import Foundation
import Plugins
import Primitives
import Synchronization

/// Builds a new generation beside the running one whenever a plugin or a list is saved, added, moved or deleted.
///
/// A folder with an error in it keeps the running generation, and says why. Building happens on a thread of its own.
final class GenerationWatcher: Sendable {
  /// Editors write a file in several steps; a generation is built when this much time passed without another.
  private static let quiet = 0.15

  private let folders: FolderWatcher

  /// - Parameters:
  ///   - gate: what a change has to pass; missing where every sound one goes live.
  ///   - refiller: fills what is new with events of the past; missing where it begins empty.
  ///   - refused: is told why the last change was not taken up.
  init(
    settings: Settings, folders: [String], running: Installation, mailbox: GenerationMailbox,
    gate: ReloadGate? = nil, refiller: Refiller? = nil,
    refused: RefusedReload = RefusedReload(), progress: some JobProgress
  ) throws(Failure) {
    let places = folders.isEmpty ? settings.plugins.map(settings.resolve) : folders
    let watcher = try FolderWatcher(places + [settings.resolve(settings.lists)])
    self.folders = watcher
    var builder = GenerationBuilder(settings: settings, folders: folders, running: running)
    builder.gate = gate
    let first = builder
    let thread = Thread {
      var builder = first
      // The first time without waiting: what was saved between reading the plugins and watching them told nobody.
      repeat {
        switch builder.build() {
        case .same: refused.tell(nil)
        case .refused(let why):
          refused.tell(why)
          progress.warn("the plugins stay as they were: \(why)")
        case .built(var generation):
          refused.tell(nil)
          do throws(Failure) {
            generation.refill = try refiller?.fill(generation)
          } catch {
            progress.warn("new windows begin empty: \(error)")
          }
          if let doubt = generation.doubt { progress.warn("the plugins change unjudged: \(doubt)") }
          mailbox.offer(generation)
        }
      } while watcher.waitForChange(quietFor: GenerationWatcher.quiet)
    }
    thread.name = "reload"
    // Lua's parser recurses on the stack of C.
    thread.stackSize = 16 << 20
    thread.start()
  }

  deinit { folders.stop() }

  func stop() { folders.stop() }
}

/// Reads the folders again and compares.
struct GenerationBuilder: Sendable {
  enum Outcome {
    case same
    case refused(String)
    case built(Generation)
  }

  private let settings: Settings
  private let folders: [String]
  private var running: Installation
  private var number = 0
  /// What a change has to pass before it goes live.
  var gate: ReloadGate?

  init(settings: Settings, folders: [String], running: Installation) {
    self.settings = settings
    self.folders = folders
    self.running = running
  }

  mutating func build() -> Outcome {
    let next: Installation
    do {
      next = try Installation(settings, folders: folders)
    } catch {
      return .refused(error.description)
    }
    if next.plugins.digest == running.plugins.digest && next.lists == running.lists {
      return .same
    }
    let errors = next.plugins.problems.filter { $0.severity == .error }
    if let first = errors.first {
      let more = errors.count > 1 ? " (and \(errors.count - 1) more: moonwatch plugins check)" : ""
      return .refused(first.description + more)
    }
    var doubt: String?
    do throws(Failure) {
      switch try gate?.judge(running: running, next: next) {
      case .passed?, nil: break
      case .open(let why)?: doubt = why
      case .refused(let reasons)?:
        return .refused("the gate refuses the change: \(reasons.joined(separator: "; "))")
      }
    } catch {
      return .refused("the gate cannot judge the change: \(error.description)")
    }
    number += 1
    let old = Set(running.plugins.rules)
    let runners = next.plugins.rules.filter { !old.contains($0) }.map {
      RuleRunner(rule: $0, vocabulary: next.vocabulary)
    }
    running = next
    return .built(
      Generation(
        number: number, installation: next, prepared: PreparedRunners(runners), doubt: doubt))
  }
}
