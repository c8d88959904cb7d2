import Crypto

/// One fingerprint of all alerts of a run: SHA-256 over their JSON lines in order, each with its line end.
package struct AlertDigest: Sendable {
  private var hash = SHA256()

  package init() {}

  package mutating func add(_ alert: Alert) { add(line: AlertWriter.line(alert)) }

  /// A line of `AlertWriter`, without its line end.
  package mutating func add(line: [UInt8]) {
    hash.update(data: line)
    hash.update(data: [UInt8(ascii: "\n")])
  }

  /// 64 hexadecimal digits; more alerts may follow.
  package var hex: String { hexadecimal(hash.finalize()) }
}

/// Lower-case hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
