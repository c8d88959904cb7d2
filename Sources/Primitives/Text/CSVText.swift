/// Lines of CSV, quoted as RFC 4180 says and ended by a newline alone, safe to open in a spreadsheet.
///
/// A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line
/// end) gets an apostrophe in front, as OWASP advises, and so does one that begins with an apostrophe, so that the two
/// can be told apart: whoever reads takes one apostrophe away. Characters that steer a terminal are written as they are
/// shown on one (`\u{1B}`), tabs and line ends excepted. Numbers stay as they are. Missing is empty.
package enum CSVText {
  /// One line, ended by a newline. Lists are joined by `; `, objects are JSON.
  package static func line(_ values: [JSONValue]) -> String {
    values.map(cell).joined(separator: ",") + "\n"
  }

  private static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .flag, .integer: value.serialized()
    case .number(let number): number.isFinite ? number.description : ""
    case .text(let text): quoted(guarded(text))
    case .list(let elements): quoted(guarded(elements.map(bare).joined(separator: "; ")))
    case .object: quoted(value.serialized())
    }
  }

  private static func bare(_ value: JSONValue) -> String {
    if case .text(let text) = value { text } else { value.serialized() }
  }

  private static func guarded(_ text: String) -> String {
    let text = visible(text)
    switch text.utf8.first {
    case UInt8(ascii: "'"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
      return "'" + text
    default: return text
    }
  }

  private static func visible(_ text: String) -> String {
    func steers(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D: false
      case 0..<0x20, 0x7F..<0xA0: true
      default: false
      }
    }
    guard text.unicodeScalars.contains(where: steers) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if steers(scalar) {
        shown.append(contentsOf: safe(String(scalar)).unicodeScalars)
      } else {
        shown.append(scalar)
      }
    }
    return String(shown)
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    CSVCell.append(text.utf8, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
