import Foundation
import Primitives
import Store

/// Carries out what alerts set off, on threads of its own beside the judging.
///
/// A plugin's responses are done one after the other, a few in each of its turns: a slow pager holds up one thread, no
/// other plugin and never an event.
final class Responder: @unchecked Sendable {
  /// What serves a plugin; it belongs to the thread that has taken it.
  private struct Desk {
    let worker: ResponseWorker
    var isTaken = false
    /// The number of its last turn.
    var turn = 0
  }

  // Unchecked: what changes is read and written under `condition` only.
  private let store: ResponseStore
  private let alerts: AlertStore
  private let books: [ResponseBook]
  private let settings: Settings
  private let pause = ActPause()
  private let warn: @Sendable (String) -> Void
  private let condition = NSCondition()
  /// Before what failed is tried again.
  var secondsAfterFailure = 5.0
  private var running = 0
  private var turns = 0
  /// By plugin.
  private var desks: [String: Desk] = [:]
  /// Why a plugin's responses wait now; under no name, why it cannot be read which do.
  private var failures: [String: Failure] = [:]
  /// What was told of that and has not passed since.
  private var told: [String: String] = [:]

  private static let threads = 4
  private static let secondsBetween = 0.25
  private static let mostInATurn = 16

  /// - Parameter books: of every source.
  init(
    _ database: Database, _ books: [ResponseBook], _ settings: Settings,
    warn: @escaping @Sendable (String) -> Void
  ) {
    let pen = AuditPen.system("run")
    store = ResponseStore(database, pen: pen)
    alerts = AlertStore(database, pen: pen)
    self.books = books
    self.settings = settings
    self.warn = warn
  }

  /// Says what the last run left undecided, and begins.
  func start() throws(Failure) {
    for act in try store.journal.recover() {
      warn(
        "\(act.plugin): \(act.act) was under way when the program ended and is not done again "
          + "(moonwatch responses acts --dead)")
    }
    running = Responder.threads
    for number in 0..<Responder.threads {
      let thread = Thread { [self] in serve() }
      thread.name = "acts-\(number)"
      // Lua recurses on the stack of C.
      thread.stackSize = 16 << 20
      thread.start()
    }
  }

  /// New alerts are in the database.
  func wake() { pause.wake() }

  /// Waits until nothing is to be done now, or the program is to end.
  ///
  /// - Throws: why what is left cannot be done now.
  func drain(while goesOn: () -> Bool) throws(Failure) {
    while goesOn() {
      let waiting = try store.waiting(at: WallClock.now())
      let reasons = condition.withLock { waiting.map { failures[$0] ?? failures[""] } }
      guard let first = reasons.first else { return }
      if let first, !reasons.contains(where: { $0 == nil }) { throw first }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  /// Ends after the acts at hand; what is left goes on with the next start.
  func stop() {
    pause.stop()
    condition.lock()
    while running > 0 { condition.wait() }
    condition.unlock()
  }

  var counts: JSONValue {
    get throws(Failure) {
      let (responses, acts) = try store.counts()
      func object(_ counts: [(String, Int)]) -> JSONValue {
        .object(counts.map { .init($0.0, .integer(Int64($0.1))) })
      }
      return [
        "states": object(StoredResponse.State.allCases.map { ($0.rawValue, responses[$0] ?? 0) }),
        "acts": object(StoredAct.State.allCases.map { ($0.rawValue, acts[$0] ?? 0) }),
      ]
    }
  }

  private func serve() {
    defer {
      condition.withLock {
        running -= 1
        condition.broadcast()
      }
    }
    while !pause.isStopping {
      do throws(Failure) {
        guard let plugin = try take() else {
          pause.doze(seconds: Responder.secondsBetween)
          continue
        }
        defer { condition.withLock { desks[plugin.name]?.isTaken = false } }
        do throws(Failure) {
          try serve(plugin.name, plugin.worker)
        } catch {
          wait(for: plugin.name, error)
        }
      } catch {
        wait(for: "", error)
      }
    }
  }

  /// The plugin whose last turn is longest ago, of those that have something to do and that no thread serves.
  private func take() throws(Failure) -> (name: String, worker: ResponseWorker)? {
    let waiting = try store.waiting(at: WallClock.now())
    return condition.withLock {
      told[""] = nil
      let free = waiting.filter { desks[$0]?.isTaken != true }
      guard let name = free.min(by: { (desks[$0]?.turn ?? 0) < (desks[$1]?.turn ?? 0) })
      else { return nil }
      turns += 1
      let worker =
        desks[name]?.worker
        ?? ResponseWorker(store, alerts, books, settings, pause, warn: warn)
      desks[name] = Desk(worker: worker, isTaken: true, turn: turns)
      return (name, worker)
    }
  }

  private func serve(_ plugin: String, _ worker: ResponseWorker) throws(Failure) {
    let due = try store.due(of: plugin, at: WallClock.now(), limit: Responder.mostInATurn)
    for response in due where !pause.isStopping {
      do throws(Failure) {
        try worker.process(response)
      } catch {
        // Since it was fetched somebody has answered it, or its alert has left: the next turn sees it as it is.
        guard error.kind == .usage, try store.response(response.id) != response else { throw error }
      }
    }
    condition.withLock { told[plugin] = nil }
  }

  /// Says why a plugin's responses wait, where that is news, and waits.
  private func wait(for plugin: String, _ failure: Failure) {
    let isKnown = condition.withLock {
      defer { told[plugin] = failure.description }
      failures[plugin] = failure
      return told.values.contains(failure.description)
    }
    if !isKnown { warn("acts wait: \(failure.description)") }
    pause.wait(seconds: secondsAfterFailure)
    // It is tried again: whoever waits for the end waits for that.
    condition.withLock { failures[plugin] = nil }
  }
}
