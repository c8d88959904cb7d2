import Primitives
import Scripting

/// Runs the cases of suites on a virtual clock that starts at 2026-03-02T09:00:00Z in each of them.
///
/// Belongs to one thread at a time. A case fails with its first unmet expectation or error; one that expects nothing
/// at all fails too.
package struct SuiteRunner {
  private let set: PluginSet
  private let vocabulary: Vocabulary

  package init(set: PluginSet, vocabulary: Vocabulary) {
    self.set = set
    self.vocabulary = vocabulary
  }

  /// The outcome of every case, in the order in which they are written. `makeBench` gives a fresh evaluator.
  package func run(
    _ suite: Suite, makeBench: () throws -> any SuiteBench
  ) -> [SuiteCase] {
    let run = CaseRun(suite: suite, set: set, vocabulary: vocabulary)
    var script: Script
    let body: ScriptTable
    let runCase: ScriptFunction
    do {
      script = try Script(
        name: suite.file, limits: .action, prelude: [LuaPrelude.source],
        functions: run.functions + [FigureFunction.function])
      let envelope = try PluginLoader.envelope(of: suite.origin, in: script)
      guard let table = envelope["body"].table, let function = envelope["run"].function else {
        throw Refusal("returns something else than when it was checked")
      }
      body = table
      runCase = function
    } catch {
      return suite.cases.map { outcome(of: $0, in: suite, message: "\(error)") }
    }
    return suite.cases.map { testCase in
      guard let function = body[testCase.name].function else {
        return outcome(of: testCase, in: suite, message: "is no longer there")
      }
      do {
        run.begin(try makeBench())
        _ = try script.call(runCase, [.function(function)])
        return outcome(
          of: testCase, in: suite,
          message: run.expectations > 0
            ? "" : "expects nothing at all (call t:expect or t:expect_nothing)")
      } catch {
        let script = error as? ScriptError
        var failed = outcome(
          of: testCase, in: suite, message: script?.message ?? "\(error)", line: script?.line)
        failed.course = run.course
        failed.expected = run.unmet?.expected
        failed.got = run.unmet?.got
        return failed
      }
    }
  }

  private func outcome(
    of testCase: Suite.Case, in suite: Suite, message: String, line: Int? = nil
  ) -> SuiteCase {
    SuiteCase(
      suite: suite.subject, name: testCase.name, file: suite.file, line: line ?? testCase.line,
      passed: message.isEmpty, message: message)
  }
}
