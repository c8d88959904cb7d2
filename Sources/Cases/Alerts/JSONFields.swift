import Primitives

/// The members of one JSON object, read by key; what is missing or of another type is a failure that names the key.
struct JSONFields {
  private let value: JSONValue
  /// What it should be: `an alert`.
  private let what: String
  /// The keys above it, each with a full stop after it.
  private let path: String

  init(_ bytes: [UInt8], of what: String) throws(Failure) {
    let value: JSONValue
    do throws(JSONProblem) {
      value = try JSONValue.parse(bytes)
    } catch {
      throw Failure(.input, "not \(what): \(error.message) at byte \(error.offset)")
    }
    guard value.members != nil else { throw Failure(.input, "not \(what): not a JSON object") }
    self.init(value, of: what, path: "")
  }

  private init(_ value: JSONValue, of what: String, path: String) {
    self.value = value
    self.what = what
    self.path = path
  }

  /// Whether the key is there, null or not.
  func has(_ key: String) -> Bool { value[key] != nil }

  func text(_ key: String) throws(Failure) -> String { try needed(key, textOrNull(key)) }

  func textOrNull(_ key: String) throws(Failure) -> String? { try read(key, \.text) }

  func numberOrNull(_ key: String) throws(Failure) -> Double? { try read(key, \.number) }

  func integer(_ key: String) throws(Failure) -> Int { try needed(key, integerOrNull(key)) }

  func integerOrNull(_ key: String) throws(Failure) -> Int? {
    try read(key, \.integer).map(Int.init)
  }

  func flag(_ key: String) throws(Failure) -> Bool { try needed(key, read(key, \.flag)) }

  /// The value under a key that older writers did not write; missing where it is null, too.
  func optional(_ key: String) -> JSONValue? {
    guard let member = value[key], member != .null else { return nil }
    return member
  }

  /// The object under a key that older writers did not write.
  func objectIfThere(_ key: String) throws(Failure) -> JSONFields? {
    optional(key) == nil ? nil : try object(key)
  }

  /// An object's members, whatever their keys.
  func members(_ key: String) throws(Failure) -> [(String, JSONValue)] {
    try needed(key, read(key, \.members)).map { ($0.key, $0.value) }
  }

  /// A text that must be one of a few.
  func word<Word>(_ key: String, _ known: (String) -> Word?) throws(Failure) -> Word {
    try needed(key, wordOrNull(key, known))
  }

  func wordOrNull<Word>(_ key: String, _ known: (String) -> Word?) throws(Failure) -> Word? {
    guard let text = try textOrNull(key) else { return nil }
    guard let word = known(text) else {
      throw problem(key, "cannot be '\(AlertCard.shown(text))'")
    }
    return word
  }

  func object(_ key: String) throws(Failure) -> JSONFields? {
    guard let member = try present(key) else { return nil }
    guard member.members != nil else { throw problem(key, "has the wrong type") }
    return JSONFields(member, of: what, path: "\(path)\(key).")
  }

  func objects(_ key: String) throws(Failure) -> [JSONFields] {
    try list(key).enumerated().map { (index, element) throws(Failure) in
      guard element.members != nil else { throw problem("\(key).\(index)", "has the wrong type") }
      return JSONFields(element, of: what, path: "\(path)\(key).\(index).")
    }
  }

  func texts(_ key: String) throws(Failure) -> [String] {
    try list(key).enumerated().map { (index, element) throws(Failure) in
      guard let text = element.text else { throw problem("\(key).\(index)", "has the wrong type") }
      return text
    }
  }

  private func list(_ key: String) throws(Failure) -> [JSONValue] {
    try needed(key, read(key, \.list))
  }

  private func read<Content>(
    _ key: String, _ content: (JSONValue) -> Content?
  ) throws(Failure) -> Content? {
    guard let member = try present(key) else { return nil }
    guard let found = content(member) else { throw problem(key, "has the wrong type") }
    return found
  }

  /// Missing where it is null.
  private func present(_ key: String) throws(Failure) -> JSONValue? {
    guard let member = value[key] else { throw problem(key, "is missing") }
    // Not a bare `nil`, which would be read as the literal of a JSON value.
    return member == .null ? Optional.none : member
  }

  private func needed<Content>(_ key: String, _ content: Content?) throws(Failure) -> Content {
    guard let content else { throw problem(key, "is null") }
    return content
  }

  private func problem(_ key: String, _ trouble: String) -> Failure {
    Failure(.input, "not \(what): '\(path)\(key)' \(trouble)")
  }
}
