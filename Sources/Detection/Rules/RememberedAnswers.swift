import Primitives
import Synchronization

/// Yes-or-no answers about texts that recur, so that the same question costs one look-up.
///
/// 1,024 answers are kept, each in one atomic word that holds what was asked with it: any thread may ask at any time, and
/// a lost race costs a repeated answer, never a wrong one.
final class RememberedAnswers: @unchecked Sendable {
  // Unchecked because the words are atomics in raw memory.
  private static let size = 1024
  private let words: UnsafeMutablePointer<Atomic<UInt64>>

  init() {
    words = .allocate(capacity: RememberedAnswers.size)
    for slot in 0..<RememberedAnswers.size { (words + slot).initialize(to: Atomic(0)) }
  }

  deinit {
    words.deinitialize(count: RememberedAnswers.size)
    words.deallocate()
  }

  /// What was answered about a text, or else what `answer` says now.
  ///
  /// - Parameter edition: of what is asked; answers of another one do not count. Its lowest 31 bits matter.
  @inline(__always)
  func about(_ symbol: Symbol, edition: UInt32 = 0, _ answer: () -> Bool) -> Bool {
    let word = words + Int(symbol.rawValue) & (RememberedAnswers.size - 1)
    let key = UInt64(edition & 0x7FFF_FFFF) << 33 | UInt64(symbol.rawValue) << 1
    let known = word.pointee.load(ordering: .relaxed)
    if known & ~1 == key { return known & 1 == 1 }
    let now = answer()
    word.pointee.store(key | (now ? 1 : 0), ordering: .relaxed)
    return now
  }
}
