import Cases
import Host
import Primitives
import Scripting
import Synchronization

/// What the verbs stand on: the door to the data directory, the clock, and how values are to be shown.
final class ReplHost {
  let options: ReplSession.Options
  let control: Control
  let stop: StopFlag
  let print: (String) -> Void
  /// How values are printed from now on.
  var mode: OutputMode
  var showsTime = false
  var now: Timestamp
  /// What is asked for goes to a file or a program, which gets all of it.
  var wantsAll = false
  /// Lines at which `replay` stops, by rule.
  var breakpoints: [String: Set<Int>] = [:]
  /// The kept events that a function of the prompt is going through.
  var walk: KeptWalk?
  /// When the function got its last events, and the seconds that it spent on those before.
  var walkGiven = 0.0
  var walkSeconds = 0.0

  init(_ options: ReplSession.Options, stop: StopFlag, print: @escaping (String) -> Void) {
    self.options = options
    control = Control(settings: options.settings)
    self.stop = stop
    self.print = print
    now = options.now
    mode = options.mode
  }

  /// Who answers for alerts, read when first needed; empty where the file cannot be read, which doctor tells.
  private(set) lazy var owners: Owners = {
    do throws(Failure) { return try control.owners() } catch { return Owners() }
  }()

  /// Whom long answers tell how far they are.
  var progress: ReplProgress { ReplProgress(stop: stop) }

  /// Refuses what changes the data directory unless that was asked for.
  func requireWriting(_ verb: String) throws(Failure) {
    guard options.mayWrite else {
      throw Failure(
        .usage, "\(verb) would change the data directory, and this console only reads",
        advice: "start it with --write")
    }
  }
}

/// How values are printed.
package enum OutputMode: String, CaseIterable, Sendable {
  /// As what they are: cards, tables, sparklines.
  case table
  case json, csv, lua
}
