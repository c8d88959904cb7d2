import Detection
import Primitives

/// The fields of a stream as the database keeps them: a JSON object from name to type, in order.
enum KeptFields {
  /// Those of a schema, and those that were known before and are not among them.
  static func text(_ schema: Schema, with known: String?) -> String {
    var all = schema.fields.map { (name: $0.name, type: $0.type) }
    for field in known.flatMap(fields) ?? [] where schema.field(field.name) == nil {
      all.append(field)
    }
    return JSONValue.object(all.map { JSONValue.Member($0.name, .text($0.type.rawValue)) })
      .serialized()
  }

  /// Missing where the text is damaged.
  static func fields(_ text: String) -> [(name: String, type: FieldType)]? {
    let parsed: JSONValue
    do {
      parsed = try JSONValue.parse(text)
    } catch {
      return nil
    }
    guard case .object(let members) = parsed else { return nil }
    var fields: [(name: String, type: FieldType)] = []
    for member in members {
      guard case .text(let word) = member.value, let type = FieldType(rawValue: word) else {
        return nil
      }
      fields.append((member.key, type))
    }
    return fields
  }
}
