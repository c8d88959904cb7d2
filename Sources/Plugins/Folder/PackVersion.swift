/// The version of a pack: one to three whole numbers, `1.2.0`; what is not written is 0.
package struct PackVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  private let parts: [Int]

  package init?(_ text: String) {
    let written = text.split(separator: ".", omittingEmptySubsequences: false)
    let parts = written.compactMap { part in
      part.utf8.allSatisfy { (48...57).contains($0) } && part.utf8.count <= 6 ? Int(part) : nil
    }
    guard (1...3).contains(written.count), parts.count == written.count else { return nil }
    self.parts = parts + [Int](repeating: 0, count: 3 - parts.count)
  }

  package var description: String { parts.map(String.init).joined(separator: ".") }

  package static func < (a: PackVersion, b: PackVersion) -> Bool {
    a.parts.lexicographicallyPrecedes(b.parts)
  }
}

/// What a pack needs: another pack, at least as new as a version and of the same first number: `base >= 1.2`.
///
/// The first number changes when a pack breaks those that build on it, so `base >= 1.2` is content with 1.9 and not with
/// 2.0. Without a version any will do.
package struct PackRequirement: Hashable, Sendable, CustomStringConvertible {
  package let name: String
  package let least: PackVersion?
  private let below: PackVersion?

  package init?(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    guard let name = words.first, isIdentifier(name) else { return nil }
    self.name = name
    if words.count == 1 {
      least = nil
      below = nil
      return
    }
    guard words.count == 3, words[1] == ">=", let least = PackVersion(words[2]),
      let major = Int(words[2].prefix { $0 != "." })
    else { return nil }
    self.least = least
    below = PackVersion("\(major + 1)")
  }

  package func accepts(_ version: PackVersion) -> Bool {
    guard let least else { return true }
    return version >= least && below.map { version < $0 } ?? true
  }

  package var description: String { least.map { "\(name) >= \($0)" } ?? name }
}
