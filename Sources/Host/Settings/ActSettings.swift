import Primitives
import Response
import Yams

/// Who does the acts of a capability, by the settings' section `acts`: a list, a file or another service.
package enum ActChannel: Sendable, Equatable {
  /// What is blocked, locked or isolated is a line of `config/lists/NAME.txt`, where rules see it.
  case list(String)
  /// A line of JSON an act, at the end of a file.
  case file(String)
  /// A JSON document an act, posted to an address.
  case post(url: String, allowsPrivate: Bool, token: String?)
}

/// Reads the section `acts` and gathers every problem with its line.
struct ActSection {
  /// Those that stand for themselves: `http` is the plugin's own, `case` is the database.
  static let capabilities = ActWord.capabilities.filter { $0 != "http" && $0 != "case" }

  let file: String
  var channels: [String: ActChannel] = [:]
  var problems: [Diagnostic] = []

  init(file: String) { self.file = file }

  private mutating func report(_ node: Node, _ message: String, _ advice: String?) {
    problems.append(
      Diagnostic(
        code: "bad-act", file: file, line: node.mark?.line, message: message, suggestion: advice))
  }

  mutating func read(_ node: Node) {
    guard let mapping = node.mapping else {
      return report(node, "'acts' names nobody", "write such as 'card: { list: blocked-cards }'")
    }
    for (key, value) in mapping {
      let name = key.string ?? "?"
      guard ActSection.capabilities.contains(name) else {
        report(
          key, "acts: there is no capability '\(name)' that others do",
          nearestName(to: name, among: ActSection.capabilities).map { "did you mean '\($0)'?" }
            ?? "one of \(ActSection.capabilities.joined(separator: ", "))")
        continue
      }
      guard let inner = value.mapping else {
        report(
          value, "acts.\(name) says not how",
          "write { list: NAME }, { file: PATH } or { post: URL }")
        continue
      }
      channels[name] = channel(inner, name, at: key)
    }
  }

  private mutating func channel(
    _ mapping: Node.Mapping, _ name: String, at place: Node
  ) -> ActChannel? {
    let before = problems.count
    var texts: [String: String] = [:]
    var allowsPrivate = false
    for (key, value) in mapping {
      switch key.string {
      case "private":
        guard let flag = value.bool else {
          report(value, "acts.\(name).private is not true or false", "give one of them")
          continue
        }
        allowsPrivate = flag
      case "list", "file", "post", "token":
        guard let text = value.scalar?.string, !text.isEmpty else {
          report(value, "acts.\(name).\(key.string ?? "?") is no text", "give it one")
          continue
        }
        texts[key.string ?? ""] = text
      default:
        let known = ["list", "file", "post", "private", "token"]
        report(
          key, "unknown key '\(key.string ?? "?")' in acts.\(name)",
          nearestName(to: key.string ?? "?", among: known).map { "did you mean '\($0)'?" }
            ?? "known are \(known.joined(separator: ", "))")
      }
    }
    if problems.count > before { return nil }
    let ways = ["list", "file", "post"].filter { texts[$0] != nil }
    guard ways.count == 1 else {
      report(
        place, "acts.\(name) says \(ways.isEmpty ? "not how" : "several ways")",
        "give one of list, file and post")
      return nil
    }
    if texts["post"] == nil, texts["token"] != nil || allowsPrivate {
      report(place, "acts.\(name): 'token' and 'private' belong to 'post'", "take them out")
      return nil
    }
    if let list = texts["list"] { return self.list(list, name, at: place) }
    if let path = texts["file"] { return .file(path) }
    guard let url = texts["post"], WebAddress(url) != nil else {
      report(
        place, "acts.\(name).post is no address",
        "begin it with https:// and leave out names and passwords")
      return nil
    }
    if let token = texts["token"], !token.hasPrefix("env:") && !token.hasPrefix("file:") {
      report(
        place, "acts.\(name).token is a secret and stands in the open",
        "write env:NAME or file:PATH")
      return nil
    }
    return .post(url: url, allowsPrivate: allowsPrivate, token: texts["token"])
  }

  private mutating func list(_ list: String, _ name: String, at place: Node) -> ActChannel? {
    if name == "notify" {
      report(place, "acts.notify: a list tells nobody", "write { file: PATH } or { post: URL }")
      return nil
    }
    guard
      list.utf8.allSatisfy({
        (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
      })
    else {
      report(
        place, "acts.\(name).list is '\(list)'",
        "write the name of a list in lower case, without .txt")
      return nil
    }
    return .list(list)
  }
}
