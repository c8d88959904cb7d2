import Primitives

/// A glob whose verdict on each text is remembered.
struct RememberedGlob: Sendable {
  private let pattern: [UInt8]
  private let anyCase: Bool
  private let interner: Interner
  private let verdicts = RememberedAnswers()

  init(_ pattern: String, anyCase: Bool, interner: Interner) {
    self.pattern = Array(pattern.utf8)
    self.anyCase = anyCase
    self.interner = interner
  }

  func matches(_ symbol: Symbol) -> Bool {
    verdicts.about(symbol) {
      pattern.withUnsafeBufferPointer {
        Glob.matches($0, interner.bytes(of: symbol), anyCase: anyCase)
      }
    }
  }
}
