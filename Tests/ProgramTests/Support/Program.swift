import Foundation
import Glibc
import Synchronization
import Testing

/// Runs the built `moonwatch`, or any other program, as a person would from a shell.
enum Program {
  /// `moonwatch` beside the test bundle, or the one that `MOONWATCH_TEST_BINARY` names.
  static let moonwatch: URL =
    ProcessInfo.processInfo.environment["MOONWATCH_TEST_BINARY"].map {
      URL(fileURLWithPath: $0)
    }
    ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("moonwatch")

  /// The top of the checkout.
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Runs to the end; a program that takes longer than `timeout` is killed and the outcome says so.
  ///
  /// `environment` is added to that of the tests; colours and terminal width do not leak in from there.
  static func run(
    _ arguments: [String], program: URL = moonwatch, input: String = "",
    environment: [String: String] = [:], in folder: URL, timeout: Duration = .seconds(120)
  ) async throws -> Outcome {
    await Slots.shared.take()
    do {
      let running = try start(
        arguments, program: program, input: input, environment: environment, in: folder)
      let outcome = await running.outcome(within: timeout)
      await Slots.shared.give()
      return outcome
    } catch {
      await Slots.shared.give()
      throw error
    }
  }

  /// Tests run all at once; their programs do not, or each would wait for all others and none end in time.
  private actor Slots {
    static let shared = Slots()
    private var free = max(2, ProcessInfo.processInfo.activeProcessorCount)
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
      if free > 0 {
        free -= 1
      } else {
        await withCheckedContinuation { waiting.append($0) }
      }
    }

    func give() {
      if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
  }

  /// Starts without waiting, for tests that interrupt.
  static func start(
    _ arguments: [String], program: URL = moonwatch, input: String = "",
    environment: [String: String] = [:], in folder: URL
  ) throws -> RunningProgram {
    var variables = ProcessInfo.processInfo.environment
    for name in variables.keys where name.hasPrefix("MOONWATCH_") { variables[name] = nil }
    for name in ["NO_COLOR", "COLUMNS", "TERM"] { variables[name] = nil }
    variables.merge(environment) { $1 }

    // Files rather than pipes: no reader is needed to keep the program going.
    let files = try Workspace.makeFolder()
    let paths = ["input", "output", "errors"].map { files.appendingPathComponent($0) }
    for path in paths { try Data().write(to: path) }
    try Data(input.utf8).write(to: paths[0])

    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = variables
    process.currentDirectoryURL = folder
    process.standardInput = try FileHandle(forReadingFrom: paths[0])
    process.standardOutput = try FileHandle(forWritingTo: paths[1])
    process.standardError = try FileHandle(forWritingTo: paths[2])
    return try RunningProgram(process, files: files)
  }
}

/// What a program left behind when it ended.
struct Outcome: Sendable, Equatable {
  /// The exit status; missing where a signal ended it.
  var status: Int32?
  /// The signal that ended it, if one did.
  var signal: Int32?
  var output: String
  var errors: String
  /// It was killed because its time was up.
  var timedOut: Bool
}

/// A program under way.
final class RunningProgram: Sendable {
  private struct State {
    var hasEnded = false
    var timedOut = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let process: Process
  private let files: URL
  private let state = Mutex(State())

  fileprivate init(_ process: Process, files: URL) throws {
    self.process = process
    self.files = files
    process.terminationHandler = { [weak self] _ in self?.ended() }
    // Threads of Dispatch block all signals, and a child inherits that: it could not be interrupted.
    var none = sigset_t()
    var previous = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    Workspace.remove(files)
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// To it and all that it started, as ^C at a terminal does.
  func sendToGroup(_ signal: Int32) { kill(-process.processIdentifier, signal) }

  /// What it has written to standard output so far.
  var output: String { text("output") }
  /// What it has written to standard error so far.
  var errors: String { text("errors") }

  /// Waits for the end, at most so long; then it is killed.
  func outcome(within timeout: Duration) async -> Outcome {
    let deadline = Task { [weak self] in
      try await Task.sleep(for: timeout)
      guard let self, !self.state.withLock(\.hasEnded) else { return }
      self.state.withLock { $0.timedOut = true }
      self.send(SIGKILL)
    }
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        if !state.hasEnded { state.waiting.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
    deadline.cancel()
    let exited = process.terminationReason == .exit
    return Outcome(
      status: exited ? process.terminationStatus : nil,
      signal: exited ? nil : process.terminationStatus, output: output, errors: errors,
      timedOut: state.withLock(\.timedOut))
  }

  /// Waits until the program has written something that the condition accepts, at most so long.
  func waits(within timeout: Duration, until condition: (RunningProgram) -> Bool) async -> Bool {
    let end = ContinuousClock.now + timeout
    while ContinuousClock.now < end {
      if condition(self) { return true }
      if state.withLock(\.hasEnded) { return condition(self) }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { return false }
    }
    // The tests may have slept for longer than they asked for.
    return condition(self)
  }

  private func ended() {
    let waiting = state.withLock { state in
      state.hasEnded = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  private func text(_ file: String) -> String {
    do {
      return String(
        decoding: try Data(contentsOf: files.appendingPathComponent(file)), as: UTF8.self)
    } catch {
      Issue.record("the program's \(file) could not be read: \(error)")
      return ""
    }
  }
}
