import Cases
package import Console
import Foundation
import Glibc
package import Host
package import Primitives
import Scripting

/// The conversation: reads lines, runs them, prints what they give.
package final class Shell {
  private let session: ReplSession
  private let host: ReplHost
  private let screen: Screen
  private let completer: Completer
  private var input: any LineInput
  private var pages = Pages()
  private var pending = ""
  /// An expression failed.
  var hasFailed = false
  private let isTerminal: Bool
  private var asker: Asker
  private let errors: (String) -> Void
  /// Of the script that runs, and the line that its last expression began with; for what is told of mistakes.
  private var script: (name: String, line: Int)?
  /// What the unfinished expression has open.
  private var brackets = OpenBrackets()

  package static let prompt = "moonwatch> "
  private static let continued = "       ... "

  /// - Parameter errors: where mistakes are told; standard error, except in tests.
  package init(
    _ options: ReplSession.Options, screen: Screen,
    errors: @escaping (String) -> Void = writeToStandardError
  ) throws(Failure) {
    self.errors = errors
    session = try ReplSession(options) { screen.print($0) }
    host = session.host
    self.screen = screen
    isTerminal = isatty(STDIN_FILENO) == 1 && screen.output.canRedraw
    completer = Completer(Shell.names(host))
    input = TextInput("")
    asker = Asker(host)
  }

  /// Runs a text to its end or its first failure; gives the exit status.
  ///
  /// - Parameter file: what it is called in mistakes. A file that has `local` at the beginning of a line is one chunk of Lua,
  ///   in which a local stays known to its end; of others each expression is run, and its value printed, by itself.
  package func execute(_ text: String, file: String? = nil) -> Int32 {
    if let file, text.split(separator: "\n").contains(where: { $0.hasPrefix("local ") }) {
      script = (file, 0)
      evaluate(text)
      finish()
      return hasFailed ? 1 : 0
    }
    input = TextInput(text)
    var number = 0
    while case .line(let line) = input.next(prompt: "") {
      number += 1
      if let file, pending.isEmpty { script = (file, number) }
      guard take(line) else { break }
      if hasFailed { break }
    }
    finish()
    return hasFailed ? 1 : 0
  }

  /// Talks until the input ends; gives the exit status.
  package func talk(_ settings: Settings) -> Int32 {
    guard isTerminal,
      let editor = LineEditor(
        history: HistoryFile(settings.dataDirectory + "/repl-history.jsonl"), paint: screen.paint,
        complete: { [completer] in completer.complete($0) })
    else {
      input = PipeInput()
      while case .line(let line) = input.next(prompt: "") {
        guard take(line) else { break }
      }
      finish()
      return hasFailed ? 1 : 0
    }
    input = editor
    screen.note(greeting)
    let stopReading = editor.stopper
    loop: while true {
      Shell.endOnSignal(stopReading)
      switch editor.next(prompt: pending.isEmpty ? Shell.prompt : Shell.continued) {
      case .line(let line): guard take(line) else { break loop }
      case .interrupted:
        pending = ""
        editor.forgetWaiting()
      case .end: break loop
      }
      flush()
    }
    return 0
  }

  /// A signal that asks the program to end ends the reading. ^C is no signal at the prompt, but may come as one just before
  /// it: then nothing runs any more that it could have meant.
  private static func endOnSignal(_ stopReading: @escaping @Sendable () -> Void) {
    Interrupt.first {
      if Interrupt.last == SIGINT { endOnSignal(stopReading) } else { stopReading() }
    }
  }

  private var greeting: String {
    var text = "Moonwatch \(Version.text): 'help' shows examples, ^D ends"
    if !host.options.mayWrite { text += "; it only reads (--write allows decisions)" }
    text += "."
    if host.options.isOfTheData {
      text += " The data are old: 'last' counts back from their end, \(host.now) (set{now = …})."
    }
    return text
  }

  /// Takes one line; false where it ends the conversation.
  private func take(_ line: String) -> Bool {
    input.remember(line)
    if pending.isEmpty {
      if line.allSatisfy(\.isWhitespace) {
        if !pages.isEmpty { show(pages.next(lines: pageLines ?? 24), isPaged: false) }
        return true
      }
      if let meta = MetaLine(line) { return obey(meta) }
    }
    if pending.isEmpty { brackets = OpenBrackets() }
    brackets.take(line)
    // Inside of brackets it has no end yet: a table of many lines is not compiled anew for each.
    if !pending.isEmpty, input.hasMore, brackets.areOpen {
      pending += "\n" + line
      return true
    }
    evaluate(pending.isEmpty ? line : pending + "\n" + line)
    return true
  }

  /// `monday.lua:5: `
  private var place: String {
    script.map { $0.line > 0 ? "\(safe($0.name)):\($0.line): " : "\(safe($0.name)): " } ?? ""
  }

  /// An expression that the end of the input left unfinished is an error.
  private func finish() {
    if pending.isEmpty { return }
    pending = ""
    fail("the last expression has no end (close its brackets)")
  }

  // MARK: Lua

  private func evaluate(_ text: String) {
    let redirect = Redirect(text)
    host.wantsAll = redirect != nil || !isTerminal && host.mode != .table
    let started = monotonicSeconds()
    let ending = running { session.run(redirect?.source ?? text) }
    switch ending {
    case .incomplete:
      pending = text
      return
    case .failed(let message): fail(message + MetaLine.suggestion(for: text, message))
    case .stopped: fail("stopped")
    case .values(let count):
      noteGlobal(text)
      deliver(count, redirect)
    }
    pending = ""
    if host.showsTime {
      screen.print("\(Format.decimal((monotonicSeconds() - started) * 1000, 1)) ms")
    }
  }

  /// Runs with ^C meaning that this ends, not the program.
  private func running<Result>(_ body: () -> Result) -> Result {
    session.stop.lower()
    let stop = session.stop
    if isTerminal { Shell.arm(stop) }
    return body()
  }

  /// The first ^C asks what runs to end; another one, where that takes time, says how the program ends; the third ends it.
  private static func arm(_ stop: StopFlag) {
    Interrupt.first {
      stop.raise()
      Interrupt.first {
        writeToStandardError(
          "\nmoonwatch: it stops as soon as it can (^C once more ends the program)\n")
      }
    }
  }

  private func deliver(_ count: Int, _ redirect: Redirect?) {
    let output = ValueOutput(
      session: session,
      view: ValueView(terminal: redirect == nil ? terminal : Terminal()) {
        [host] in host.owners
      })
    do {
      if let redirect {
        guard count > 0 else {
          return fail("that gives no value to write to '\(safe(redirect.path))'")
        }
        let file = try FreshFile(redirect.path)
        try running {
          Swift.Result { try output.write(count, redirect.mode ?? host.mode, to: file.write) }
        }
        .get()
        try file.finish()
        flush()
        screen.note("wrote \(safe(redirect.path))")
      } else if !isTerminal && host.mode != .table {
        try output.write(count, host.mode) { screen.print($0, terminator: "") }
      } else {
        show(try output.text(count, host.mode), isPaged: true)
      }
    } catch let error as ScriptError {
      fail(error.message)
    } catch let failure as Failure {
      fail(failure.description)
    } catch {
      fail("\(error)")
    }
  }

  /// `x = …` makes a name that a tab may offer.
  private func noteGlobal(_ text: String) {
    let name = text.drop { $0 == " " }.prefix { $0 == "_" || $0.isASCII && $0.isLetter }
    let rest = text.drop { $0 == " " }.dropFirst(name.count).drop { $0 == " " }
    if !name.isEmpty, rest.first == "=", rest.dropFirst().first != "=" {
      completer.globals.insert(String(name))
    }
  }

  // MARK: The console's own words

  private func obey(_ meta: MetaLine) -> Bool {
    switch meta {
    case .quit: return false
    case .help(let topic): show(Help.text(topic), isPaged: true)
    case .more:
      if pages.isEmpty {
        screen.note("there is no more")
      } else {
        show(pages.next(lines: pageLines ?? 24), isPaged: false)
      }
    case .history:
      let lines = HistoryFile(host.options.settings.dataDirectory + "/repl-history.jsonl").lines
      show(lines.suffix(100).map { safe($0) + "\n" }.joined(), isPaged: true)
    case .mode(let word):
      guard let mode = OutputMode(rawValue: word) else {
        fail(VerbOptions.unknown("mode", word, OutputMode.allCases.map(\.rawValue)).description)
        break
      }
      host.mode = mode
    case .timing(let word):
      guard ["on", "off"].contains(word) else {
        fail("timing is on or off (such as ':timing on')")
        break
      }
      host.showsTime = word == "on"
    case .question(let text): ask(text)
    case .unknown(let word):
      let near = nearestName(to: String(word.dropFirst()), among: MetaLine.commands.map(\.name))
      fail(
        "unknown command '\(safe(word))' "
          + (near.map { "(did you mean ':\($0)'?)" }
            ?? "(there are \(MetaLine.commands.map { ":\($0.name)" }.joined(separator: ", ")))"))
    }
    return true
  }

  private func ask(_ text: String) {
    // "? critical alerts > rows.csv"
    let redirect = Redirect(text)
    switch asker.answer(redirect?.source ?? text) {
    case .query(let lua):
      screen.print(screen.paint("→ \(safe(lua))", .dim))
      let failedBefore = hasFailed
      hasFailed = false
      evaluate(lua + (redirect.map { " > \($0.path)" } ?? ""))
      if hasFailed { asker.takeBack() }
      hasFailed = hasFailed || failedBefore
      pending = ""
    case .words(let words, let isFailure):
      if isFailure { fail(words) } else { screen.print(words) }
    }
  }

  // MARK: Output

  /// A person may have changed the size of the window since the last line.
  private var terminal: Terminal { isTerminal ? .output : screen.output }

  private func show(_ text: String, isPaged: Bool) {
    let lines = isTerminal && isPaged ? pageLines : nil
    screen.print(isPaged ? pages.show(text, lines: lines) : text, terminator: "")
  }

  /// Lines of a screenful; missing where output is no terminal.
  private var pageLines: Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 4 else { return nil }
    return Int(size.ws_row) - 3
  }

  private func fail(_ message: String) {
    hasFailed = true
    pending = ""
    // What waits of a paste was typed in the belief that this would go well.
    input.forgetWaiting()
    flush()
    let lines = message.split(separator: "\n").map { safe(String($0)) }
    errors("error: \(place)\(lines.joined(separator: "\n"))\n")
  }

  /// Results and errors go to two places; on a terminal they are to come in their order.
  private func flush() {
    do throws(Failure) { try Screen.flush() } catch { writeToStandardError("error: \(error)\n") }
  }

  private static func names(_ host: ReplHost) -> Completer.Names {
    // A tab offers nothing where the names cannot be read; what is typed says why.
    func known(_ read: () throws(Failure) -> [String]) -> [String] {
      do throws(Failure) { return try read() } catch { return [] }
    }
    var rules: [String]?
    return Completer.Names(
      rules: {
        if let rules { return rules }
        let read = known { () throws(Failure) in try host.control.rules().map(\.id) }
        rules = read
        return read
      },
      scenarios: { known { () throws(Failure) in try host.control.scenarios() } },
      fields: { known { () throws(Failure) in try host.control.entityFields() } },
      values: { key in known { () throws(Failure) in try host.control.values(of: key) } },
      ids: { prefix in known { () throws(Failure) in try host.control.ids(beginning: prefix) } },
      eventFields: { known { () throws(Failure) in try host.control.eventFields() } },
      features: { host.control.featureNames },
      lists: { known { () throws(Failure) in try host.control.lists() } })
  }
}
