import Primitives
import Synchronization

/// A glob whose verdict on each text is remembered, so that a pattern costs one look-up on texts that recur.
///
/// 1,024 verdicts are kept, each in one atomic word that holds the symbol with its verdict: any thread may ask at
/// any time, and a lost race costs a repeated match, never a wrong answer.
final class RememberedGlob: @unchecked Sendable {
  // Unchecked because the words are atomics in raw memory; the rest never changes.
  private static let size = 1024
  private let pattern: [UInt8]
  private let interner: Interner
  private let verdicts: UnsafeMutablePointer<Atomic<UInt64>>

  init(_ pattern: String, interner: Interner) {
    self.pattern = Array(pattern.utf8)
    self.interner = interner
    verdicts = .allocate(capacity: RememberedGlob.size)
    for slot in 0..<RememberedGlob.size { (verdicts + slot).initialize(to: Atomic(0)) }
  }

  deinit {
    verdicts.deinitialize(count: RememberedGlob.size)
    verdicts.deallocate()
  }

  func matches(_ symbol: Symbol) -> Bool {
    let word = verdicts + Int(symbol.rawValue) & (RememberedGlob.size - 1)
    let known = word.pointee.load(ordering: .relaxed)
    if known >> 1 == UInt64(symbol.rawValue) { return known & 1 == 1 }
    let verdict = pattern.withUnsafeBufferPointer {
      Glob.matches($0, interner.bytes(of: symbol))
    }
    word.pointee.store(UInt64(symbol.rawValue) << 1 | (verdict ? 1 : 0), ordering: .relaxed)
    return verdict
  }
}

/// A fixed set of texts, asked by symbol: an open-addressing table at most half full.
final class SymbolSet: Sendable {
  private let table: [UInt32]

  init(_ texts: [String], interner: Interner) {
    var size = 8
    while size < texts.count * 2 + 2 { size *= 2 }
    var table = [UInt32](repeating: 0, count: size)
    for text in texts {
      let symbol = interner.intern(text).rawValue
      var slot = SymbolSet.slot(symbol, size)
      while table[slot] != 0 && table[slot] != symbol { slot = (slot + 1) & (size - 1) }
      table[slot] = symbol
    }
    self.table = table
  }

  func contains(_ symbol: Symbol) -> Bool {
    var slot = SymbolSet.slot(symbol.rawValue, table.count)
    while table[slot] != 0 {
      if table[slot] == symbol.rawValue { return true }
      slot = (slot + 1) & (table.count - 1)
    }
    return false
  }

  private static func slot(_ symbol: UInt32, _ size: Int) -> Int {
    Int((UInt64(symbol) &* 0x9E37_79B9_7F4A_7C15) >> 40) & (size - 1)
  }
}
