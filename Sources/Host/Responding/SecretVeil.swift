import Primitives

/// Takes secrets out of what comes back from the world: an answer that repeats them, an error that names its address.
struct SecretVeil {
  private let forms: [[UInt8]]
  private static let mark = Array("‹secret›".utf8)

  /// - Parameter secrets: shorter ones than four bytes would take words apart and are left.
  init(_ secrets: some Sequence<String>) {
    var forms: [String] = []
    for secret in secrets where secret.utf8.count >= 4 {
      let quoted = JSONValue.text(secret).serialized()
      let escaped = String(quoted.dropFirst().dropLast())
      forms += [
        secret, escaped, escaped.replacing("/", with: "\\/"), SecretVeil.percentEncoded(secret),
      ]
      forms += SecretVeil.base64(secret)
    }
    self.forms = Set(forms).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
      .map { Array($0.utf8) }
  }

  func hide(_ text: String) -> String {
    String(decoding: hidden(Array(text.utf8)), as: UTF8.self)
  }

  /// The body of an answer; JSON is written anew, so that no escape in it hides a secret from us and not from others.
  func hide(_ body: [UInt8], wasCut: Bool) -> String {
    let shown = hidden(body)
    if wasCut { return String(decoding: withoutBeginning(shown), as: UTF8.self) }
    do {
      return hide(try JSONValue.parse(shown)).serialized()
    } catch {
      return String(decoding: shown, as: UTF8.self)
    }
  }

  private func hide(_ value: JSONValue) -> JSONValue {
    switch value {
    case .text(let text): .text(hide(text))
    case .list(let elements): .list(elements.map(hide))
    case .object(let members): .object(members.map { .init(hide($0.key), hide($0.value)) })
    case .null, .flag, .integer, .number: value
    }
  }

  /// Byte by byte: to a `String` a letter with an accent after it is another letter.
  private func hidden(_ bytes: [UInt8]) -> [UInt8] {
    forms.reduce(bytes) { $0.replacing($1, with: SecretVeil.mark) }
  }

  /// Without the beginning of a secret that a cut left at the end.
  private func withoutBeginning(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    let begun = forms.map { form in
      (1..<form.count).last { bytes.suffix($0).elementsEqual(form.prefix($0)) } ?? 0
    }
    return bytes.dropLast(begun.max() ?? 0)
  }

  private static func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
      }
    }
  }

  private static func base64(_ text: String) -> [String] {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var result = ""
    var bits = 0
    var held = 0
    for byte in text.utf8 {
      held = held << 8 | Int(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        result.append(letters[held >> bits & 63])
      }
      held &= (1 << bits) - 1
    }
    // The last letter depends on what follows: it is left out, as is the padding.
    return result.count >= 6 ? [result] : []
  }
}
