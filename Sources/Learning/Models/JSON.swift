package import Foundation
package import Primitives

/// JSON as this project writes and reads it: sorted snake_case keys, and errors that say where.
package enum JSON {
  package static func encode(_ value: some Encodable) throws(Failure) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    do {
      return try encoder.encode(value)
    } catch {
      throw Failure(.internal, "a number that is not finite cannot be written as JSON")
    }
  }

  package static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data
  ) throws(Failure) -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: data)
    } catch let error as DecodingError {
      throw Failure(.input, describe(error), advice: "the file is damaged; save it again")
    } catch {
      throw Failure(.input, unreadable, advice: "the file is damaged; save it again")
    }
  }

  package static func write(_ data: Data, path: String) throws(Failure) {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Failure(
        .internal, "\(path) cannot be written",
        advice: "check the folder, its permissions and space")
    }
  }

  /// Foundation does not tell the two apart.
  private static let unreadable = "this is not JSON, or a number in it does not fit its place"

  private static func describe(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "'\(place(context.codingPath + [key]))' is not there"
    case .valueNotFound(_, let context): "'\(place(context.codingPath))' is null"
    case .typeMismatch(_, let context): "'\(place(context.codingPath))' has the wrong type"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? unreadable
        : "'\(place(context.codingPath))' is out of range"
    @unknown default: "this cannot be read"
    }
  }

  /// `trees[3].left[5]`, in the file's own spelling.
  private static func place(_ path: [any CodingKey]) -> String {
    path.reduce("") { text, key in
      if let index = key.intValue { return "\(text)[\(index)]" }
      return text.isEmpty ? snake(key.stringValue) : "\(text).\(snake(key.stringValue))"
    }
  }

  private static func snake(_ name: String) -> String {
    name.reduce("") { $1.isUppercase ? "\($0)_\($1.lowercased())" : "\($0)\($1)" }
  }
}
