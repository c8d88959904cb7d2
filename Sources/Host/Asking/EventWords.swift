import Detection
import Primitives
import Store

/// What kept events call their things: the words that a question about them may use.
package struct EventWords: Sendable {
  package var kinds: Set<String> = []
  /// Fields with whether they hold numbers.
  package var fields: [(name: String, isNumber: Bool)] = []
  /// The values of text fields that have few of them, by field.
  package var values: [String: Set<String>] = [:]

  /// A field with more values names things, such as users and cards.
  static let mostValues = 40
  static let mostBlocks = 24
}

extension RetainedEvents {
  /// The words of a part of the kept events: the newest blocks of each stream and some before them.
  func words() throws(Failure) -> EventWords {
    var words = EventWords()
    var fields: [String: Bool] = [:]
    for stream in try streams() {
      let schema = try schema(of: stream)
      for field in schema.fields { fields[field.name] = field.type != .text }
      let places = try store.keptPlaces(stream: stream.id)
      let step = max(1, places.count / EventWords.mostBlocks)
      for (index, place) in places.reversed().enumerated() where index % step == 0 {
        let interner = Interner()
        let batch = EventBatch(schema: schema)
        guard let body = try store.keptBody(place.id), read(body, place, into: batch, interner)
        else { continue }
        var seen: [Set<Symbol>] = Array(repeating: [], count: schema.textCount)
        var kinds: Set<Symbol> = []
        for row in 0..<batch.count {
          kinds.insert(batch.kinds[row])
          for slot in 0..<schema.textCount where seen[slot].count <= EventWords.mostValues {
            seen[slot].insert(batch.text(row, slot))
          }
        }
        for kind in kinds where !kind.isMissing { words.kinds.insert(interner.text(of: kind)) }
        for field in schema.fields where field.type == .text {
          for symbol in seen[field.slot] where !symbol.isMissing {
            guard words.values[field.name, default: []].count <= EventWords.mostValues else {
              break
            }
            words.values[field.name, default: []].insert(interner.text(of: symbol))
          }
        }
      }
    }
    words.values = words.values.filter { $0.value.count <= EventWords.mostValues }
    words.fields = fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return words
  }
}
