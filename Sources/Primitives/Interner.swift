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
    var length: UInt32
    var hash: UInt32
  }

  private let directory: UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
  private static let directorySize = 1 << (32 - indexBits)
  private var entryCount: UInt32 = 1
  private var table: [UInt32]
  private var arenas: [UnsafeMutablePointer<UInt8>] = []
  private var arenaUsed = Interner.arenaChunk
  private let seed = UInt64.random(in: .min ... .max)
  /// Bytes held for texts and their index.
  package private(set) var memoryBytes = 0

  package init() {
    directory = .allocate(capacity: Interner.directorySize)
    directory.initialize(repeating: nil, count: Interner.directorySize)
    table = [UInt32](repeating: 0, count: 1024)
  }

  deinit {
    for slot in 0..<Interner.directorySize {
      guard let chunk = directory[slot] else { break }
      chunk.deallocate()
    }
    directory.deallocate()
    for arena in arenas { arena.deallocate() }
  }

  /// Texts seen so far.
  package var count: Int { Int(entryCount) - 1 }

  package func intern(_ text: String) -> Symbol {
    var copy = text
    return copy.withUTF8 { intern($0) }
  }

  package func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> Symbol {
    let hash = hashed(bytes)
    var slot = Int(hash) & (table.count - 1)
    while true {
      let candidate = table[slot]
      if candidate == 0 { break }
      let entry = entry(candidate)
      if entry.hash == hash && equal(entry, bytes) { return Symbol(rawValue: candidate) }
      slot = (slot + 1) & (table.count - 1)
    }
    let symbol = append(bytes, hash: hash)
    table[slot] = symbol
    if Int(entryCount) * 2 > table.count { grow() }
    return Symbol(rawValue: symbol)
  }

  /// The symbol of a text that was interned before; missing otherwise. For the interning thread.
  package func find(_ text: String) -> Symbol? {
    var copy = text
    return copy.withUTF8 { bytes in
      let hash = hashed(bytes)
      var slot = Int(hash) & (table.count - 1)
      while table[slot] != 0 {
        let entry = entry(table[slot])
        if entry.hash == hash && equal(entry, bytes) { return Symbol(rawValue: table[slot]) }
        slot = (slot + 1) & (table.count - 1)
      }
      return nil
    }
  }

  /// The bytes of a symbol, valid as long as the interner. Empty for the missing symbol.
  package func bytes(of symbol: Symbol) -> UnsafeBufferPointer<UInt8> {
    if symbol.isMissing { return UnsafeBufferPointer(start: nil, count: 0) }
    let entry = entry(symbol.rawValue)
    return UnsafeBufferPointer(start: entry.bytes, count: Int(entry.length))
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

  private func append(_ bytes: UnsafeBufferPointer<UInt8>, hash: UInt32) -> UInt32 {
    precondition(entryCount < UInt32.max, "a run holds at most 4,294,967,294 distinct texts")
    let raw = entryCount
    let slot = Int(raw) >> Interner.indexBits
    if directory[slot] == nil {
      directory[slot] = .allocate(capacity: Interner.chunkEntries)
      memoryBytes += Interner.chunkEntries * MemoryLayout<Entry>.stride
    }
    let stored = store(bytes)
    directory[slot]!.advanced(by: Int(raw) & (Interner.chunkEntries - 1)).initialize(
      to: Entry(bytes: stored, length: UInt32(bytes.count), hash: hash))
    entryCount += 1
    return raw
  }

  private func store(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafePointer<UInt8> {
    if arenas.isEmpty || arenaUsed + bytes.count > Interner.arenaChunk {
      let size = max(Interner.arenaChunk, bytes.count)
      arenas.append(.allocate(capacity: size))
      memoryBytes += size
      arenaUsed = 0
    }
    let start = arenas[arenas.count - 1] + arenaUsed
    if let base = bytes.baseAddress { start.update(from: base, count: bytes.count) }
    arenaUsed = bytes.count > Interner.arenaChunk ? Interner.arenaChunk : arenaUsed + bytes.count
    return UnsafePointer(start)
  }

  private func grow() {
    table = [UInt32](repeating: 0, count: table.count * 2)
    for raw in 1..<entryCount {
      var slot = Int(entry(raw).hash) & (table.count - 1)
      while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
      table[slot] = raw
    }
  }

  private func equal(_ entry: Entry, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard Int(entry.length) == bytes.count else { return false }
    for i in 0..<bytes.count where entry.bytes[i] != bytes[i] { return false }
    return true
  }

  /// Eight bytes a step, folded by 64 × 64 → 128-bit multiplication with a secret (the scheme of wyhash).
  private func hashed(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var state = seed ^ UInt64(bytes.count)
    var offset = 0
    let raw = UnsafeRawBufferPointer(bytes)
    while offset + 8 <= bytes.count {
      let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      state = folded(state ^ word, 0xA076_1D64_78BD_642F ^ seed)
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < bytes.count {
      tail = (tail << 8) | UInt64(bytes[offset])
      offset += 1
    }
    state = folded(state ^ tail, 0xE703_7ED1_A0B4_28DB ^ seed)
    return UInt32(truncatingIfNeeded: state ^ (state >> 32))
  }

  private func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b | 1)
    return product.high ^ product.low
  }
}
