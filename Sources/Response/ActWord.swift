/// Everything that a plugin can ask to be done, with what each needs to know. The reference is made from this table.
package enum ActWord: String, CaseIterable, Sendable {
  case httpPost = "http.post"
  case httpGet = "http.get"
  case directoryLock = "directory.lock"
  case directoryUnlock = "directory.unlock"
  case directorySignOut = "directory.sign_out"
  case directoryResetPassword = "directory.reset_password"
  case cardBlock = "card.block"
  case cardUnblock = "card.unblock"
  case addressBlock = "address.block"
  case addressUnblock = "address.unblock"
  case deviceIsolate = "device.isolate"
  case deviceRelease = "device.release"
  case notifySend = "notify.send"
  case caseComment = "case.comment"

  /// What an argument holds.
  package enum Kind: String, Sendable {
    case text, number, duration, url
    case table
  }

  package struct Argument: Sendable {
    package let name: String
    package let kind: Kind
    package let isNeeded: Bool

    fileprivate init(_ name: String, _ kind: Kind, needed: Bool = true) {
      self.name = name
      self.kind = kind
      isNeeded = needed
    }
  }

  /// What `uses` must hold: the word before the point.
  package var capability: String { String(rawValue.prefix { $0 != "." }) }
  /// The word after it.
  package var verb: String { String(rawValue.drop { $0 != "." }.dropFirst()) }

  package static let capabilities: [String] = {
    var names: [String] = []
    for word in allCases where !names.contains(word.capability) { names.append(word.capability) }
    return names
  }()

  package var arguments: [Argument] {
    switch self {
    case .httpPost:
      [
        Argument("url", .url), Argument("json", .table, needed: false),
        Argument("headers", .table, needed: false), Argument("timeout", .duration, needed: false),
        Argument("retries", .number, needed: false),
      ]
    case .httpGet:
      [
        Argument("url", .url), Argument("headers", .table, needed: false),
        Argument("timeout", .duration, needed: false), Argument("retries", .number, needed: false),
      ]
    case .directoryLock, .directoryUnlock, .directorySignOut, .directoryResetPassword:
      [Argument("user", .text)]
    case .cardBlock, .cardUnblock: [Argument("card", .text)]
    case .addressBlock:
      [Argument("address", .text), Argument("duration", .duration, needed: false)]
    case .addressUnblock: [Argument("address", .text)]
    case .deviceIsolate, .deviceRelease: [Argument("device", .text)]
    case .notifySend:
      [Argument("to", .text), Argument("text", .text), Argument("subject", .text, needed: false)]
    case .caseComment: [Argument("alert", .text), Argument("text", .text)]
    }
  }

  /// What it does, in one line.
  package var sentence: String {
    switch self {
    case .httpPost: "Sends a JSON document to an address."
    case .httpGet: "Reads what stands at an address."
    case .directoryLock: "Lets a user sign in no more."
    case .directoryUnlock: "Lets a user sign in again."
    case .directorySignOut: "Ends the open sessions of a user."
    case .directoryResetPassword: "Makes a user choose a new password."
    case .cardBlock: "Declines every further payment with a card."
    case .cardUnblock: "Takes payments with a card again."
    case .addressBlock: "Refuses connections from an address, for a time where one is given."
    case .addressUnblock: "Takes connections from an address again."
    case .deviceIsolate: "Cuts a device off from the network."
    case .deviceRelease: "Lets a device back into the network."
    case .notifySend: "Tells a person or a channel."
    case .caseComment: "Writes a line beneath an alert."
    }
  }
}
