/// Names known beforehand, found by their bytes without allocating.
struct KeyTable {
  static let unknown: Int32 = -1
  /// A path that leads to known names: `user` where `user.name` is known.
  static let prefix: Int32 = -2

  private struct Entry {
    var start: Int32
    var length: Int32
    var value: Int32
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  private var slots: [Int32]
  private let mask: Int

  /// Every name with its number; of a name that comes twice the first counts.
  init(_ names: [(name: String, value: Int32)]) {
    var all = names
    for (name, _) in names {
      var path = Substring(name)
      while let dot = path.lastIndex(of: ".") {
        path = path[..<dot]
        all.append((String(path), KeyTable.prefix))
      }
    }
    var size = 16
    while size < all.count * 4 { size *= 2 }
    mask = size - 1
    slots = [Int32](repeating: -1, count: size)
    for (name, value) in all { insert(Array(name.utf8), value) }
  }

  private mutating func insert(_ name: [UInt8], _ value: Int32) {
    name.withUnsafeBufferPointer { name in
      var slot = hash(name) & mask
      while slots[slot] >= 0 {
        if equals(entries[Int(slots[slot])], name) { return }
        slot = (slot + 1) & mask
      }
      slots[slot] = Int32(entries.count)
      entries.append(
        Entry(start: Int32(bytes.count), length: Int32(name.count), value: value))
      bytes.append(contentsOf: name)
    }
  }

  /// The number of a name, `unknown` or `prefix`.
  func find(_ name: UnsafeBufferPointer<UInt8>) -> Int32 {
    var slot = hash(name) & mask
    while slots[slot] >= 0 {
      let entry = entries[Int(slots[slot])]
      if equals(entry, name) { return entry.value }
      slot = (slot + 1) & mask
    }
    return KeyTable.unknown
  }

  private func equals(_ entry: Entry, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    if Int(entry.length) != name.count { return false }
    for index in 0..<name.count where bytes[Int(entry.start) + index] != name[index] {
      return false
    }
    return true
  }

  /// The names are the mapping's own, so a plain hash will do: foreign names can only miss.
  private func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt32 = 0x811C_9DC5
    for byte in name { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return Int(hash ^ (hash >> 15))
  }
}
