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

  /// One list of a book as conditions ask it: answers on texts that recur are remembered, until the book changes.
  struct Remembered: Sendable {
    private let name: String
    private let book: ListBook
    private let interner: Interner
    private let answers = RememberedAnswers()

    init(_ name: String, of book: ListBook, interner: Interner) {
      self.name = name
      self.book = book
      self.interner = interner
    }

    func contains(_ symbol: Symbol) -> Bool {
      answers.about(symbol, edition: book.currentEdition) {
        book[name]?.contains(interner.bytes(of: symbol)) ?? false
      }
    }
  }
}
