import Primitives

/// Which packs can be used: one with a problem in it or with a need that is not met is left out with all its files.
struct PackShelf {
  /// A file as far as packs are concerned.
  struct File {
    let path: String
    let hasErrors: Bool
  }

  struct Refusal {
    let pack: Pack
    let reason: String
  }

  private let packs: [Pack]
  private let files: [File]

  init(packs: [Pack], files: [File]) {
    self.packs = packs
    self.files = files
  }

  /// The pack that a file belongs to: that of the nearest folder above it with a `pack.lua`.
  func pack(of path: String) -> Pack? {
    packs.filter { path.hasPrefix($0.folder + "/") }.max {
      $0.folder.utf8.count < $1.folder.utf8.count
    }
  }

  /// The packs that cannot be used, in order of name, each with all its reasons.
  func refusals() -> [Refusal] {
    var reasons: [String: [String]] = [:]
    for pack in packs {
      let broken = files.filter { $0.hasErrors && self.pack(of: $0.path)?.name == pack.name }
      if let first = broken.first {
        let others = broken.count > 1 ? " and \(broken.count - 1) more" : ""
        reasons[pack.name, default: []].append(
          "\(first.path.dropFirst(pack.folder.count + 1))\(others) cannot be read")
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
