/// The parts of an `http://` or `https://` address that decide whom it reaches.
///
/// Read strictly, since what a plugin wrote decides where secrets go: no name or password before the host, no control
/// characters, and of a host only what every reader understands in the same way.
package struct WebAddress: Hashable, Sendable {
  package let isEncrypted: Bool
  /// In lower case; an IPv6 address without its brackets.
  package let host: String
  package let port: Int
  /// From the first slash on; `/` where there is none.
  package let path: String

  package init?(_ text: String) {
    var rest = Substring(text)
    if rest.hasPrefix("https://") {
      isEncrypted = true
      rest = rest.dropFirst(8)
    } else if rest.hasPrefix("http://") {
      isEncrypted = false
      rest = rest.dropFirst(7)
    } else {
      return nil
    }
    guard text.utf8.count <= 4096, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 92 }),
      let place = HostPort(rest.prefix { !"/?#".contains($0) })
    else { return nil }
    host = place.host
    port = place.port ?? (isEncrypted ? 443 : 80)
    let below = rest.drop { !"/?#".contains($0) }.prefix { $0 != "#" }
    path = below.first == "/" ? String(below) : "/" + below
  }
}

extension WebAddress {
  /// Whether the host is by its very text this machine or an address that is no public one.
  package var isPrivate: Bool {
    if host == "localhost" || host.hasSuffix(".localhost") { return true }
    return NetworkAddress(text: host)?.isPrivate ?? false
  }
}

/// `example.org`, `example.org:8443`, `[::1]:80`.
struct HostPort {
  let host: String
  let port: Int?

  init?(_ text: Substring) {
    var name = text
    var after = Substring()
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      after = text[text.index(after: end)...]
      guard !name.isEmpty, name.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
        return nil
      }
    } else {
      name = text.prefix { $0 != ":" }
      after = text.dropFirst(name.count)
      guard HostPort.isName(name) else { return nil }
    }
    host = name.lowercased()
    if after.isEmpty {
      port = nil
    } else {
      let digits = after.dropFirst()
      guard after.first == ":", digits.utf8.allSatisfy({ (48...57).contains($0) }),
        let number = Int(digits), (1...65_535).contains(number)
      else { return nil }
      port = number
    }
  }

  private static func isName(_ name: Substring) -> Bool {
    name.utf8.count <= 253
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && label.utf8.count <= 63
          && label.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
              || $0 == 95
          }
      }
  }
}

/// Which hosts an act may reach: `example.org`, `*.example.org` for those below it, either with a port.
package struct HostPattern: Hashable, Sendable {
  package let text: String
  private let host: String
  private let isBelow: Bool
  private let port: Int?

  package init?(_ text: String) {
    isBelow = text.hasPrefix("*.")
    guard let place = HostPort(Substring(isBelow ? String(text.dropFirst(2)) : text)) else {
      return nil
    }
    self.text = text
    host = place.host
    port = place.port
  }

  /// Without a port of its own it means https: what goes out in clear has to be written, as `example.org:80`.
  package func matches(_ address: WebAddress) -> Bool {
    guard let port = port ?? (address.isEncrypted ? 443 : nil), address.port == port else {
      return false
    }
    return isBelow ? address.host.hasSuffix("." + host) : address.host == host
  }
}
