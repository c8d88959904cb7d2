package import Primitives

/// What a field of an event holds. A flag is stored as the number 0 or 1.
package enum FieldType: String, Sendable { case number, text, flag }

/// The fields that the events of one run may carry, in a fixed order; names are unique.
///
/// A run over several sources has one schema: the union of their fields. A field that an event's source does not
/// have is missing there.
package struct Schema: Sendable, Equatable {
  package struct Field: Sendable, Equatable {
    package let name: String
    package let type: FieldType
    /// The column among the numbers (number and flag) or among the texts.
    package let slot: Int
  }

  package let fields: [Field]
  package let numberCount: Int
  package let textCount: Int
  private let positions: [String: Int]

  /// Fields in order; a name that comes twice with one type counts once, with two types it is refused.
  package init(_ declared: [(name: String, type: FieldType)]) throws(Failure) {
    var fields: [Field] = []
    var positions: [String: Int] = [:]
    var numbers = 0
    var texts = 0
    for (name, type) in declared {
      if let known = positions[name] {
        guard fields[known].type == type else {
          throw Failure(
            .usage,
            "field '\(name)' is a \(fields[known].type) in one source and a \(type) in another",
            advice: "give it one type in config/sources")
        }
        continue
      }
      positions[name] = fields.count
      fields.append(Field(name: name, type: type, slot: type == .text ? texts : numbers))
      if type == .text { texts += 1 } else { numbers += 1 }
    }
    self.fields = fields
    self.positions = positions
    numberCount = numbers
    textCount = texts
  }

  package func field(_ name: String) -> Field? { positions[name].map { fields[$0] } }
}
