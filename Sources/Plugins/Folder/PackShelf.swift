import Primitives

/// Which packs can be used: one with a problem in it or with a need that is not met is left out with all its files.
struct PackShelf {
  /// A file as far as packs are concerned, also one that was not even opened.
  struct File {
    let path: String
    /// Why it cannot be used, such as `cannot be read`; missing where it can.
    let fault: String?
  }

  struct Refusal {
    let pack: Pack
    let reason: String
  }

  private let packs: [Pack]
  private let files: [File]

  /// The folders with a `pack.lua`, of whatever kind.
  private let folders: Set<String>

  init(packs: [Pack], files: [File]) {
    self.packs = packs.filter { PackShelf.folder(ofPack: $0.file) != nil }
    self.files = files
    folders = Set(files.compactMap { PackShelf.folder(ofPack: $0.path) })
  }

  private static func folder(ofPack path: String) -> String? {
    path.hasSuffix("/pack.lua") ? String(path.dropLast("/pack.lua".count)) : nil
  }

  /// The nearest folder above a file with a `pack.lua`.
  func folder(of path: String) -> String? {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    while !parts.isEmpty {
      let folder = parts.joined(separator: "/")
      if folders.contains(folder) { return folder }
      parts = parts.dropLast()
    }
    return nil
  }

  /// The pack that a file belongs to; missing where it belongs to none, or to a folder whose `pack.lua` gives none.
  func pack(of path: String) -> Pack? {
    folder(of: path).flatMap { folder in packs.first { $0.folder == folder } }
  }

  /// The folders that would be packs, if their `pack.lua` could be used.
  var foldersWithoutPack: Set<String> { folders.subtracting(packs.map(\.folder)) }

  /// The packs that cannot be used, in order of name, each with all its reasons.
  func refusals() -> [Refusal] {
    var reasons: [String: [String]] = [:]
    for pack in packs {
      let broken = files.filter {
        $0.fault != nil && self.pack(of: $0.path)?.folder == pack.folder
      }
      if let first = broken.first, let fault = first.fault {
        let others = broken.count > 1 ? " and \(broken.count - 1) more" : ""
        reasons[pack.name, default: []].append(
          "\(first.path.dropFirst(pack.folder.count + 1))\(others) \(fault)")
      }
      for need in pack.requires {
        guard let found = packs.first(where: { $0.name == need.name }) else {
          reasons[pack.name, default: []].append(
            "it needs the pack \(quoted(need.name)), which is not here"
              + didYouMean(need.name, among: packs.map(\.name)))
          continue
        }
        if !need.accepts(found.version) {
          reasons[pack.name, default: []].append(
            "it needs \(need), and \(found.name) is \(found.version)")
        }
      }
    }
    // What builds on a pack that is left out is left out too, until nothing changes.
    var changed = true
    while changed {
      changed = false
      for pack in packs where reasons[pack.name] == nil {
        guard let lost = pack.requires.first(where: { reasons[$0.name] != nil }) else { continue }
        reasons[pack.name] = ["it needs the pack \(quoted(lost.name)), which is left out"]
        changed = true
      }
    }
    return packs.compactMap { pack in
      reasons[pack.name].map { Refusal(pack: pack, reason: $0.joined(separator: "; ")) }
    }.sorted { $0.pack.name < $1.pack.name }
  }
}
