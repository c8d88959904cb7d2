import Detection
import Scripting

/// `list.has("blocked", event.src_ip)`: whether a text is an entry of a list in `config/lists`.
enum ListFunction {
  static let name = "list.has"

  /// What a runner asks; another book takes its place when lists are read again.
  final class Shelf {
    var book: ListBook = [:]
  }

  static func has(_ shelf: Shelf) -> HostFunction {
    HostFunction(name) { arguments in
      let lists = shelf.book
      guard let name = arguments.first?.text else {
        throw Refusal("list.has needs the name of a list and a text")
      }
      guard let list = lists[name] else {
        throw Refusal("unknown list \(quoted(name))\(didYouMean(name, among: lists.names))")
      }
      // A missing field is in no list, so that a rule need not ask for it first.
      guard arguments.count > 1, !arguments[1].isNil else { return .flag(false) }
      guard let text = arguments[1].text else {
        throw Refusal("list.has needs a text to look for, not \(described(arguments[1]))")
      }
      return .flag(list.contains(text))
    }
  }

  /// While a file is read nothing is looked up yet.
  static var unasked: HostFunction {
    HostFunction(name) { _ in
      throw Refusal("list.has is asked inside a function of the plugin")
    }
  }
}
