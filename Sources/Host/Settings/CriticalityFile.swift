import Cases
import Foundation
import Ingest
import Primitives
import Yams

/// Reads `config/criticality.yaml`: under each field, values and lists (`in NAME`) with how much they matter.
///
///     user:
///       svc-backup: 3
///       in executives: 2
enum CriticalityFile {
  /// Names every problem with its line; a file that is not there says nothing.
  static func read(_ settings: Settings, lists: TextLists) throws(Failure) -> Criticality {
    let path = settings.resolve(settings.judgement.criticality)
    guard FileManager.default.fileExists(atPath: path) else { return Criticality() }
    let text = try Folder.text(of: path, "the criticality")
    let top: Node?
    do {
      top = try YAMLText.compose(text, file: path)
    } catch {
      throw Failure([error])
    }
    var criticality = Criticality()
    var problems: [Diagnostic] = []
    func report(_ node: Node, _ message: String, _ suggestion: String) {
      problems.append(
        Diagnostic(
          code: "bad-value", file: path, line: node.mark?.line, message: message,
          suggestion: suggestion))
    }
    guard let top, top != Node("") else { return criticality }
    guard let fields = top.mapping else {
      report(top, "these are no fields", "write a field, and under it 'VALUE: 2' or 'in LIST: 2'")
      throw Failure(problems)
    }
    for (field, entries) in fields {
      let name = field.string ?? "?"
      guard let entries = entries.mapping else {
        report(field, "'\(name)' holds no values", "write 'VALUE: 2' or 'in LIST: 2' under it")
        continue
      }
      for (key, value) in entries {
        let key = key.string ?? "?"
        guard let weight = value.float, Criticality.bounds.contains(weight) else {
          report(value, "'\(name)' '\(key)' is no criticality", "give a number from 0.1 to 100")
          continue
        }
        guard key.hasPrefix("in ") else {
          criticality.values[name, default: [:]][key] = weight
          continue
        }
        let list = String(key.dropFirst(3))
        guard lists.names.contains(list) else {
          let near = nearestName(to: list, among: Array(lists.names))
          report(
            value, "unknown list '\(list)'",
            near.map { "did you mean '\($0)'?" }
              ?? "write \(list).txt into \(settings.resolve(settings.lists))")
          continue
        }
        criticality.lists[name, default: [:]][list] = weight
      }
    }
    if !problems.isEmpty { throw Failure(problems) }
    return criticality
  }
}
