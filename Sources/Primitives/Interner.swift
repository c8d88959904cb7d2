import Glibc

/// A text value as a number: equal texts of one run have equal symbols. 0 stands for a missing text.
package struct Symbol: Hashable, Sendable {
  package var rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static let missing = Symbol(rawValue: 0)
  package var isMissing: Bool { rawValue == 0 }
}

/// Every distinct text of a run, once, numbered in order of first appearance.
///
/// One thread at a time interns. Any thread may read a symbol that was handed to it afterwards: texts and their
/// index live in chunks that never move, so a reader needs no lock. Texts compare by their bytes, not by
/// Unicode equivalence, and are hashed with a seed drawn per process, so hostile texts cannot be made to collide.
package final class Interner: @unchecked Sendable {
  // Unchecked because of the hand-off rule above; nothing here is written while another thread reads it.
  private static let indexBits = 12
  private static let chunkEntries = 1 << indexBits
  private static let arenaChunk = 1 << 18

  private struct Entry {
    var bytes: UnsafePointer<UInt8>
    var length: Int
  }

  private let directory: UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
  private static let directorySize = 1 << (32 - indexBits)
  private var entryCount: UInt32 = 1
  private var index = TextIndex()
  private var arenas: [UnsafeMutablePointer<UInt8>] = []
  private var arenaUsed = Interner.arenaChunk
  private var textBytes = 0

  package init() {
    // Zeros are nulls here, and calloc hands out zero pages untouched: 8 MiB that no small run pays for.
    let size = MemoryLayout<UnsafeMutablePointer<Entry>?>.stride
    guard let zeros = calloc(Interner.directorySize, size) else {
      preconditionFailure("there is no memory for 8 MiB of addresses")
    }
    directory = zeros.bindMemory(
      to: UnsafeMutablePointer<Entry>?.self, capacity: Interner.directorySize)
  }

  deinit {
    for slot in 0..<Interner.directorySize {
      guard let chunk = directory[slot] else { break }
      chunk.deallocate()
    }
    free(directory)
    for arena in arenas { arena.deallocate() }
  }

  /// Bytes held for texts and their index.
  package var memoryBytes: Int { textBytes + index.memoryBytes }

  /// Texts seen so far.
  package var count: Int { Int(entryCount) - 1 }

  package func intern(_ text: String) -> Symbol {
    var copy = text
    return copy.withUTF8 { intern($0) }
  }

  package func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Symbol {
    let key = index.key(bytes)
    let slot = place(of: key, bytes)
    let known = index.slots[slot].number
    if known != 0 { return Symbol(rawValue: known) }
    return Symbol(rawValue: add(bytes, key, slot))
  }

  /// A text that waits for its symbol, and the cell that gets it.
  package struct Pending {
    package var bytes: UnsafeBufferPointer<UInt8>
    package var cell: Int
    fileprivate var key = TextIndex.Key(head: 0, tail: 0, length: 0, hash: 0)
    fileprivate var seen: UInt32 = 0
  }

  /// Room for texts that are interned together; its owner fills `bytes` and `cell` of the first few.
  package static func room(_ count: Int) -> UnsafeMutablePointer<Pending> {
    let room = UnsafeMutablePointer<Pending>.allocate(capacity: count)
    room.initialize(
      repeating: Pending(bytes: UnsafeBufferPointer(start: nil, count: 0), cell: 0), count: count)
    return room
  }

  /// Gives each text its symbol, in order, and writes it into its cell; an empty text is missing.
  ///
  /// Where a run has many texts their slots are far apart in memory: all are asked for before any is waited for.
  package func intern(
    _ pending: UnsafeMutablePointer<Pending>, count: Int,
    into cells: UnsafeMutablePointer<Symbol>
  ) {
    for place in 0..<count {
      let key = index.key(pending[place].bytes)
      pending[place].key = key
      pending[place].seen = index.touch(key.hash)
    }
    for place in 0..<count {
      let bytes = pending[place].bytes
      let key = pending[place].key
      var number: UInt32 = 0
      if !bytes.isEmpty {
        let slot = self.place(of: key, bytes)
        number = index.slots[slot].number
        if number == 0 { number = add(bytes, key, slot) }
      }
      cells[pending[place].cell] = Symbol(rawValue: number)
    }
  }

  private func add(
    _ bytes: UnsafeBufferPointer<UInt8>, _ key: TextIndex.Key, _ slot: Int
  ) -> UInt32 {
    let number = append(bytes)
    index.fill(slot, key, number: number, count: Int(entryCount))
    return number
  }

  /// The symbol of a text that was interned before; missing otherwise. For the interning thread.
  package func find(_ text: String) -> Symbol? {
    var copy = text
    return copy.withUTF8 { find($0) }
  }

  /// The symbol of a text that was interned before; missing otherwise. For the interning thread.
  package func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Symbol? {
    let known = index.slots[place(of: index.key(bytes), bytes)].number
    return known == 0 ? nil : Symbol(rawValue: known)
  }

  /// The slot that holds a text, or the free one where it belongs.
  @inline(__always)
  private func place(of key: TextIndex.Key, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = Int(truncatingIfNeeded: key.hash) & index.mask
    while true {
      let found = index.slots[slot]
      if found.number == 0 { return slot }
      if found.head == key.head && found.tail == key.tail && found.length == key.length
        && (key.isWhole || equal(entry(found.number), bytes))
      {
        return slot
      }
      slot = (slot + 1) & index.mask
    }
  }

  /// The bytes of a symbol, valid as long as the interner. Empty for the missing symbol.
  package func bytes(of symbol: Symbol) -> UnsafeBufferPointer<UInt8> {
    if symbol.isMissing { return UnsafeBufferPointer(start: nil, count: 0) }
    let entry = entry(symbol.rawValue)
    return UnsafeBufferPointer(start: entry.bytes, count: entry.length)
  }

  /// Where the texts stand, for readers that are no Swift: pointers to chunks of `1 << bits` entries, each the place of
  /// a text's bytes and their number. Valid as long as the interner, and to be read as symbols are.
  package var chunks: (chunks: UnsafeRawPointer, bits: Int) {
    (UnsafeRawPointer(directory), Interner.indexBits)
  }

  package func text(of symbol: Symbol) -> String {
    String(decoding: bytes(of: symbol), as: UTF8.self)
  }

  private func entry(_ raw: UInt32) -> Entry {
    guard let chunk = directory[Int(raw) >> Interner.indexBits] else {
      preconditionFailure("a symbol of another run was looked up")
    }
    return chunk[Int(raw) & (Interner.chunkEntries - 1)]
  }

  private func append(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    precondition(entryCount < UInt32.max, "a run holds at most 4,294,967,294 distinct texts")
    let raw = entryCount
    let slot = Int(raw) >> Interner.indexBits
    if directory[slot] == nil {
      directory[slot] = .allocate(capacity: Interner.chunkEntries)
      textBytes += Interner.chunkEntries * MemoryLayout<Entry>.stride
    }
    let stored = store(bytes)
    directory[slot]!.advanced(by: Int(raw) & (Interner.chunkEntries - 1)).initialize(
      to: Entry(bytes: stored, length: bytes.count))
    entryCount += 1
    return raw
  }

  private func store(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafePointer<UInt8> {
    if arenas.isEmpty || arenaUsed + bytes.count > Interner.arenaChunk {
      let size = max(Interner.arenaChunk, bytes.count)
      arenas.append(.allocate(capacity: size))
      textBytes += size
      arenaUsed = 0
    }
    let start = arenas[arenas.count - 1] + arenaUsed
    if let base = bytes.baseAddress { start.update(from: base, count: bytes.count) }
    arenaUsed = bytes.count > Interner.arenaChunk ? Interner.arenaChunk : arenaUsed + bytes.count
    return UnsafePointer(start)
  }

  private func equal(_ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard entry.length == bytes.count, let other = bytes.baseAddress else { return false }
    return memcmp(entry.bytes, other, bytes.count) == 0
  }
}
