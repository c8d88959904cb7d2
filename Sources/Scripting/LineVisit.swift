/// A line of a script that is about to run, and what the variables in sight hold there. Of large tables and texts the
/// beginning is shown, and of what is no plain value what it is.
package struct LineVisit {
  package var line: Int
  /// Of the function that runs, in the order in which they were declared; an inner one may have the name of an outer one.
  package var locals: [(name: String, value: ScriptValue)] = []
  /// What the function keeps from around it: what a rule remembers of earlier events.
  package var outer: [(name: String, value: ScriptValue)] = []
  /// How much the variables took on their way here: at most about a hundred KiB.
  package var bytes = 0
}

/// What is to be done about a line that is about to run.
package enum LineInterest: Sendable {
  case passOver
  case look
  /// No other line of the call is asked about: it goes on, and may take as long, as if nobody had looked.
  case enough
}

/// Who looks at the lines that run.
package struct LineWatcher {
  package var wants: (_ line: Int) -> LineInterest
  package var take: (LineVisit) -> Void

  package init(
    wants: @escaping (_ line: Int) -> LineInterest = { _ in .look },
    take: @escaping (LineVisit) -> Void
  ) {
    self.wants = wants
    self.take = take
  }
}

extension Script {
  /// Tells of the lines that run from the next call on, nobody where missing. It makes calls many times slower, though that
  /// time is not counted; for looking at single calls.
  package func watchLines(_ watcher: LineWatcher?) { core.watcher = watcher }
}
