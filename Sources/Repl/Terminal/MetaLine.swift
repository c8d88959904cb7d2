import Primitives

/// What a line says that is no Lua: a command of the console, a question, or where the output goes.
enum MetaLine: Equatable {
  case help(String)
  case question(String)
  case mode(String)
  case timing(String)
  case more
  case history
  case quit
  case unknown(String)

  static let commands: [(name: String, about: String)] = [
    ("help", ":help [verb]  the verbs, or one of them with examples"),
    ("mode", ":mode table|json|csv|lua  how values are printed"),
    ("timing", ":timing on|off  how long each expression took"),
    ("more", ":more  the rest of what was cut at the end of the screen (or Enter)"),
    ("history", ":history  what was typed before"),
    ("quit", ":quit  the end (or ^D)"),
  ]

  /// Missing where the line is Lua.
  init?(_ line: String) {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard let first = words.first else { return nil }
    let rest = words.count > 1 ? words[1].split(separator: " ").joined(separator: " ") : ""
    if first.hasPrefix("?") {
      self = .question(String(line.drop { $0 == " " || $0 == "?" }))
      return
    }
    switch first {
    case "help" where MetaLine.isTopic(rest): self = .help(rest)
    case "more" where rest.isEmpty: self = .more
    case "quit" where rest.isEmpty, "exit" where rest.isEmpty: self = .quit
    case ":help": self = .help(rest)
    case ":mode": self = .mode(rest)
    case ":timing": self = .timing(rest)
    case ":more": self = .more
    case ":history": self = .history
    case ":quit", ":q", ":exit": self = .quit
    // Lua has labels of the form ::name::, and nothing else that begins so.
    case _ where first.hasPrefix(":") && !first.hasPrefix("::"): self = .unknown(first)
    default: return nil
    }
  }

  /// The word that a line was to be, where it is a name that Lua knows nothing like.
  static func suggestion(for line: String, _ message: String) -> String {
    let word = line.split(separator: " ").joined(separator: " ")
    guard message == "unknown name '\(word)'" else { return "" }
    return nearestName(to: word, among: ["help", "more", "quit", "exit"]).map {
      ", did you mean '\($0)'?"
    } ?? ""
  }

  private static func isTopic(_ rest: String) -> Bool {
    rest.utf8.allSatisfy { byte in
      byte == 95 || byte == 32 || (97...122).contains(byte | 32) || (48...57).contains(byte)
    }
  }
}

/// An expression whose values go to a file: `alerts{} > alerts.csv`. What the file is called says how it is written.
struct Redirect: Equatable {
  var source: String
  var path: String
  /// Missing where the name says nothing.
  var mode: OutputMode?

  /// Missing where the line has no such end. A comparison (`a > b`) has none: the last word has to look like a file,
  /// with one of the known endings.
  init?(_ source: String) {
    guard let sign = source.lastIndex(of: ">"), sign > source.startIndex,
      source[source.index(before: sign)] == " "
    else { return nil }
    var path = source[source.index(after: sign)...].drop { $0 == " " }
    while path.last == " " { path.removeLast() }
    guard !path.isEmpty, !path.contains(where: { " \"'(){}[],;".contains($0) }) else { return nil }
    switch path.split(separator: ".").last.map({ $0.lowercased() }) {
    case "csv": mode = .csv
    case "json": mode = .json
    case "lua": mode = .lua
    case "txt": mode = .table
    default: return nil
    }
    // Inside of a text that is not closed before it, it is a part of the text.
    let before = source[..<sign]
    guard openQuote(before) == nil else { return nil }
    self.source = String(before)
    self.path = String(path)
  }
}
