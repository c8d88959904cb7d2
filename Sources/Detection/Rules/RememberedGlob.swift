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
  private let anyCase: Bool
  private let interner: Interner
  private let verdicts: UnsafeMutablePointer<Atomic<UInt64>>

  init(_ pattern: String, anyCase: Bool, interner: Interner) {
    self.pattern = Array(pattern.utf8)
    self.anyCase = anyCase
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
      Glob.matches($0, interner.bytes(of: symbol), anyCase: anyCase)
    }
    word.pointee.store(UInt64(symbol.rawValue) << 1 | (verdict ? 1 : 0), ordering: .relaxed)
    return verdict
  }
}
