import Detection
import Primitives

/// Finds the fields of JSON records that no mapping names, with their types, from the first records of a run.
struct Discovery {
  struct Found: Hashable {
    /// Keys joined with dots.
    var path: String
    var field: String
    var type: FieldType
  }

  /// What was found in a source's own records and in event lines of it.
  struct Fields: Hashable {
    var native: [Found] = []
    var canonical: [Found] = []
  }

  private static let fieldLimit = 256
  private static let depthLimit = 8

  private let known: Set<String>
  private let typed: [String: FieldType]
  private(set) var found: [Found] = []
  private var places: [String: Int] = [:]
  private(set) var lines = 0

  /// Known names are keys that already have a use or are never fields; declared fields keep their type.
  init(mapping: SourceMapping, isCanonical: Bool) {
    var known = mapping.ignored
    known.formUnion(["time", "id", "source", "kind"])
    if let truth = mapping.truth { known.formUnion(truth.columns + truth.nameColumns) }
    if isCanonical {
      known.formUnion(mapping.fields.map(\.name))
    } else {
      known.formUnion(mapping.timeColumns + mapping.eventIDColumns + mapping.columns.map(\.name))
      if case .column(let columns, _, _) = mapping.kind { known.formUnion(columns) }
    }
    self.known = known
    typed = Dictionary(mapping.fields.map { ($0.name, $0.type) }) { first, _ in first }
  }

  /// Looks at one line; what is no JSON object is left for the reader to refuse.
  mutating func look(at line: UnsafeBufferPointer<UInt8>) {
    lines += 1
    // A broken line is reported with its place when it is read.
    guard let value = try? JSONValue.parse(line), let members = value.members else { return }
    for member in members { look(member, path: member.key, depth: 0) }
  }

  private mutating func look(_ member: JSONValue.Member, path: String, depth: Int) {
    if known.contains(path) { return }
    switch member.value {
    case .object(let members):
      if depth < Discovery.depthLimit {
        for inner in members { look(inner, path: path + "." + inner.key, depth: depth + 1) }
      }
    case .integer, .number: note(path, .number)
    case .flag: note(path, .flag)
    case .text: note(path, .text)
    case .null, .list: break
    }
  }

  private mutating func note(_ path: String, _ type: FieldType) {
    if let place = places[path] {
      if found[place].type != type && typed[found[place].field] == nil { found[place].type = .text }
      return
    }
    if found.count == Discovery.fieldLimit || path.utf8.count > 200 { return }
    var field = snakeCase(path)
    if ["time", "id", "source", "kind"].contains(field) { field = "raw_" + field }
    places[path] = found.count
    found.append(Found(path: path, field: field, type: typed[field] ?? type))
  }

  /// One type a field: paths that fall on the same field and differ in type make it a text.
  func settled() -> [Found] {
    var types: [String: FieldType] = [:]
    for one in found {
      if let type = types[one.field], type != one.type {
        types[one.field] = .text
      } else {
        types[one.field] = one.type
      }
    }
    return found.map { Found(path: $0.path, field: $0.field, type: types[$0.field] ?? $0.type) }
  }
}
