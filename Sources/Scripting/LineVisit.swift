/// A line of a script that is about to run, and what the variables in sight hold there. Of large tables and texts the
/// beginning is shown, and of what is no plain value what it is.
package struct LineVisit {
  package var line: Int
  /// Of the function that runs, in the order in which they were declared; an inner one may have the name of an outer one.
  package var locals: [(name: String, value: ScriptValue)] = []
  /// What the function keeps from around it: what a rule remembers of earlier events.
  package var outer: [(name: String, value: ScriptValue)] = []
}

extension Script {
  /// Tells of every line that runs from the next call on, nobody where missing. It makes calls many times slower, though their
  /// time is not counted; for looking at single calls.
  package func watchLines(_ told: ((LineVisit) -> Void)?) { core.watcher = told }
}
