import Foundation
import Primitives
import Store

/// Carries out what alerts set off, on threads of its own beside the judging.
///
/// Each plugin's responses are done one after the other by one thread; a slow pager holds up no other plugin of another
/// thread, and never an event.
final class Responder: @unchecked Sendable {
  // Unchecked: `running` and `failure` are read and written under `condition` only.
  private let store: ResponseStore
  private let alerts: AlertStore
  private let book: ResponseBook
  private let settings: Settings
  private let pause = ActPause()
  private let warn: @Sendable (String) -> Void
  private let condition = NSCondition()
  private var running = 0
  private var failure: Failure?

  private static let threads = 4
  private static let secondsBetween = 0.25
  private static let mostAtOnce = 256

  init(
    _ database: Database, _ book: ResponseBook, _ settings: Settings,
    warn: @escaping @Sendable (String) -> Void
  ) {
    let pen = AuditPen.system("run")
    store = ResponseStore(database, pen: pen)
    alerts = AlertStore(database, pen: pen)
    self.book = book
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
      let thread = Thread { [self] in serve(number) }
      thread.name = "acts-\(number)"
      // Lua recurses on the stack of C.
      thread.stackSize = 16 << 20
      thread.start()
    }
  }

  /// New alerts are in the database.
  func wake() { pause.wake() }

  /// Waits until nothing is to be done now, or the program is to end.
  func drain(while goesOn: () -> Bool) throws(Failure) {
    while goesOn() {
      if condition.withLock({ failure != nil }) { return }
      if try store.due(at: WallClock.now(), limit: 1).isEmpty { return }
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

  private func serve(_ number: Int) {
    defer {
      condition.withLock {
        running -= 1
        condition.broadcast()
      }
    }
    let worker = ResponseWorker(store, alerts, book, settings, pause, warn: warn)
    while !pause.isStopping {
      do throws(Failure) {
        let mine = try store.due(at: WallClock.now(), limit: Responder.mostAtOnce).filter {
          Int(StableHash.of($0.plugin.utf8) % UInt64(Responder.threads)) == number
        }
        for response in mine where !pause.isStopping { try worker.process(response) }
        if mine.isEmpty { pause.doze(seconds: Responder.secondsBetween) }
      } catch {
        let isFirst = condition.withLock {
          defer { failure = error }
          return failure == nil
        }
        if isFirst { warn("acts wait: \(error.description)") }
        pause.wait(seconds: 5)
      }
    }
  }
}
