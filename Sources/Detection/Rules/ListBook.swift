import Primitives
import Synchronization

/// The text lists of an installation by name; one that changed is replaced between two batches.
package final class ListBook: Sendable, ExpressibleByDictionaryLiteral {
  private struct State {
    var lists: [String: TextList]
  }

  private let state: Mutex<State>
  /// Grows with every replacement, so that remembered answers are known to be old.
  private let edition = Atomic<UInt32>(1)

  package init(_ lists: [String: TextList] = [:]) { state = Mutex(State(lists: lists)) }

  package convenience init(dictionaryLiteral elements: (String, [String])...) {
    self.init(
      Dictionary(
        elements.map { ($0, TextList($1)) }, uniquingKeysWith: { first, _ in first }))
  }

  package var names: [String] { state.withLock { $0.lists.keys.sorted() } }
  package subscript(name: String) -> TextList? { state.withLock { $0.lists[name] } }

  package func has(_ list: String, _ text: String) -> Bool { self[list]?.contains(text) ?? false }

  /// Puts a new list in the place of an old one, between two batches; nothing takes it away.
  package func replace(_ name: String, with list: TextList) {
    state.withLock { $0.lists[name] = list }
    edition.wrappingAdd(1, ordering: .releasing)
  }

  fileprivate var currentEdition: UInt32 { edition.load(ordering: .acquiring) }

  /// One list of a book as conditions ask it: answers on texts that recur are remembered.
  ///
  /// 1,024 answers, each in one atomic word that holds the edition and the symbol with it, so that any thread may ask.
  final class Remembered: @unchecked Sendable {
    // Unchecked because the words are atomics in raw memory; the rest never changes.
    private static let size = 1024
    private let name: String
    private let book: ListBook
    private let interner: Interner
    private let answers: UnsafeMutablePointer<Atomic<UInt64>>

    init(_ name: String, of book: ListBook, interner: Interner) {
      self.name = name
      self.book = book
      self.interner = interner
      answers = .allocate(capacity: Remembered.size)
      for slot in 0..<Remembered.size { (answers + slot).initialize(to: Atomic(0)) }
    }

    deinit {
      answers.deinitialize(count: Remembered.size)
      answers.deallocate()
    }

    func contains(_ symbol: Symbol) -> Bool {
      let word = answers + Int(symbol.rawValue) & (Remembered.size - 1)
      let edition = UInt64(book.currentEdition & 0x7FFF_FFFF) << 33
      let key = edition | UInt64(symbol.rawValue) << 1
      let known = word.pointee.load(ordering: .relaxed)
      if known & ~1 == key { return known & 1 == 1 }
      let answer = book[name]?.contains(interner.bytes(of: symbol)) ?? false
      word.pointee.store(key | (answer ? 1 : 0), ordering: .relaxed)
      return answer
    }
  }
}
