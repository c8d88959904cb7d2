import Primitives

/// What a record says that something was or became.
enum AuditValues {
  /// A record that was tampered with need not hold JSON: its seal says so, and it has no values here.
  static func read(_ json: String?) -> JSONValue {
    guard let json else { return .null }
    do throws(JSONProblem) { return try JSONValue.parse(json) } catch { return .null }
  }
}

extension JSONValue {
  /// The texts of a list; missing where this is none.
  var texts: [String]? { list?.compactMap(\.text) }
}
