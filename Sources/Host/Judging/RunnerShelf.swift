import Detection
import Plugins

/// Who asks the Lua of rules when alerts are judged again: to make a Lua state takes longer than a hundred calls of it.
final class RunnerShelf {
  private let vocabulary: Vocabulary
  private let lists: ListBook
  private var idle: [String: RuleRunner] = [:]
  /// By rule: to find out, its whole file is read.
  private var keeps: [String: Bool] = [:]

  init(vocabulary: Vocabulary, lists: ListBook) {
    self.vocabulary = vocabulary
    self.lists = lists
  }

  /// Whether what a rule says may depend on what it was asked before.
  func keepsVariables(_ rule: Rule) -> Bool {
    if let known = keeps[rule.id] { return known }
    keeps[rule.id] = rule.keepsVariables
    return keeps[rule.id] ?? true
  }

  /// Somebody who knows nothing of what was asked before. A rule that keeps no variables knows nothing of it anyway: it
  /// has the same one every time, as long as that was not set aside.
  func fresh(_ rule: Rule) -> RuleRunner {
    if !keepsVariables(rule), let known = idle[rule.id], known.state == .running { return known }
    let runner = RuleRunner(rule: rule, vocabulary: vocabulary, lists: lists)
    if !keepsVariables(rule) { idle[rule.id] = runner }
    return runner
  }
}
