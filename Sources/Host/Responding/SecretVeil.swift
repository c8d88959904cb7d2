import Primitives

/// Takes secrets out of what comes back from the world: an answer that repeats them, an error that names its address.
struct SecretVeil {
  private let forms: [String]

  /// - Parameter secrets: shorter ones than four bytes would take words apart and are left.
  init(_ secrets: some Sequence<String>) {
    var forms: [String] = []
    for secret in secrets where secret.utf8.count >= 4 {
      let quoted = JSONValue.text(secret).serialized()
      let escaped = String(quoted.dropFirst().dropLast())
      forms += [secret, escaped, SecretVeil.percentEncoded(secret)]
      forms += SecretVeil.base64(secret)
    }
    self.forms = Set(forms).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }

  func hide(_ text: String) -> String {
    forms.reduce(text) { $0.replacing($1, with: "‹secret›") }
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
