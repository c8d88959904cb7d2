package import Primitives
import Yams

/// What the service does: the `run` section of the settings.
package struct RunSettings: Sendable, Equatable {
  /// One stream of events that the service reads.
  package struct Input: Sendable, Equatable {
    /// Says what the records mean; no two inputs have the same.
    package var source: String
    /// Files, folders and patterns as they are written; a dash is standard input.
    package var paths: [String]
    /// Whether more is waited for at the end of what is there.
    package var follow = true
    /// A model file; missing for rules alone.
    package var model: String?

    package init(source: String, paths: [String], follow: Bool = true, model: String? = nil) {
      self.source = source
      self.paths = paths
      self.follow = follow
      self.model = model
    }

    package var readsStandardInput: Bool { paths == ["-"] }
  }

  package var inputs: [Input] = []
  /// How much work a restart may have to do again, in time.
  package var checkpointEvery = TimeSpan.seconds(10)
  /// Whether a change of the plugins has to pass the gate on kept events before it goes live.
  package var gatesReloads = false

  package init() {}
}

/// Reads the `run` section and gathers every problem with its line.
struct RunSection: SettingsSection {
  let file: String
  var settings = RunSettings()
  var problems: [Diagnostic] = []

  static let checkpointKey = "run.checkpoint_every"
  static let gateKey = "run.gate_reloads"
  static let gateAdvice = "give true or false"
  private static let keys = ["inputs", "checkpoint_every", "gate_reloads"]
  private static let inputKeys = ["source", "paths", "follow", "model"]

  init(file: String) { self.file = file }

  mutating func read(_ node: Node) {
    guard let mapping = node.mapping else {
      return report(
        "bad-value", node, "'run' holds no settings", "give it 'inputs', or leave it out")
    }
    for (key, value) in mapping {
      switch key.string {
      case "inputs": readInputs(value)
      case "checkpoint_every": set(checkpointEvery: value.string ?? "", at: value)
      case "gate_reloads":
        if let flag = value.bool {
          settings.gatesReloads = flag
        } else {
          report(
            "bad-value", value, "\(RunSection.gateKey) is '\(value.string ?? "")'",
            RunSection.gateAdvice)
        }
      default: unknown(key, among: RunSection.keys, in: "run")
      }
    }
  }

  private mutating func set(checkpointEvery words: String, at node: Node) {
    guard let span = RunSection.checkpointSpan(words) else {
      return report(
        "bad-value", node, "\(RunSection.checkpointKey) is '\(words)'", RunSection.checkpointAdvice)
    }
    settings.checkpointEvery = span
  }

  static let checkpointAdvice = "give a duration from '10 ms' to '1 hour'"

  static func checkpointSpan(_ words: String) -> TimeSpan? {
    guard let span = TimeSpan(words: words), span >= TimeSpan(microseconds: 10_000),
      span <= .hours(1)
    else {
      return nil
    }
    return span
  }

  private mutating func readInputs(_ node: Node) {
    guard case .sequence(let list) = node else {
      return report(
        "bad-value", node, "'run.inputs' is no list", "write one '- source: …' an input")
    }
    for item in list {
      guard let mapping = item.mapping else {
        report(
          "bad-value", item, "an input of 'run.inputs' holds no keys",
          "write '- source: ID' and under it 'paths: [FILE]'")
        continue
      }
      if let input = input(mapping, at: item) { settings.inputs.append(input) }
    }
  }

  private mutating func input(_ mapping: Node.Mapping, at item: Node) -> RunSettings.Input? {
    let before = problems.count
    var input = RunSettings.Input(source: "", paths: [])
    for (key, value) in mapping {
      switch key.string {
      case "source": input.source = text(value, "source") ?? ""
      case "paths": input.paths = paths(value)
      case "follow":
        guard let flag = value.bool else {
          report("bad-value", value, "'follow' is not true or false", "give one of them")
          continue
        }
        input.follow = flag
      case "model": input.model = text(value, "model").flatMap { $0 == "none" ? nil : $0 }
      default: unknown(key, among: RunSection.inputKeys, in: "an input of run.inputs")
      }
    }
    if problems.count > before { return nil }
    if input.source.isEmpty {
      report(
        "missing-key", item, "an input of run.inputs has no 'source'", "name one of the sources")
    } else if input.paths.isEmpty {
      report(
        "missing-key", item, "the input '\(input.source)' has no 'paths'",
        "name files, folders or patterns, or - for standard input")
    } else if settings.inputs.contains(where: { $0.source == input.source }) {
      report(
        "duplicate-key", item, "the source '\(input.source)' has two inputs",
        "give all its paths in one")
    } else if input.paths.contains("-") && input.paths != ["-"] {
      report(
        "bad-value", item, "the input '\(input.source)' mixes standard input with files",
        "give standard input a source of its own")
    } else if input.readsStandardInput && settings.inputs.contains(where: \.readsStandardInput) {
      report(
        "bad-value", item, "two inputs read standard input", "keep one of them")
    }
    return problems.count > before ? nil : input
  }

  private mutating func text(_ node: Node, _ name: String) -> String? {
    if let text = node.string, !text.isEmpty { return text }
    report("bad-value", node, "'\(name)' is not a text", "give one, or leave it out")
    return nil
  }

  private mutating func paths(_ node: Node) -> [String] {
    guard case .sequence(let list) = node else { return text(node, "paths").map { [$0] } ?? [] }
    return list.compactMap { text($0, "paths") }
  }

  private mutating func unknown(_ key: Node, among known: [String], in place: String) {
    let name = key.string ?? "?"
    let near = nearestName(to: name, among: known)
    report(
      "unknown-key", key, "unknown key '\(name)' in \(place)",
      near.map { "did you mean '\($0)'?" } ?? "known are \(known.joined(separator: ", "))")
  }
}
