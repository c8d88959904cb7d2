/// The ids of made events: sixteen hexadecimal digits, the same for what people did and for what was planted, so that
/// no id tells one from the other.
enum EventID {
  static func of(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
