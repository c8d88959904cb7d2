/// A text from outside with everything made visible that could move the cursor, hide or reorder text.
///
/// Controls (escape sequences, newlines), line and paragraph separators, and format characters such as
/// bidirectional overrides become `\n`, `\t`, `\r` or `\u{1B}`; zero-width joiners, which scripts and emoji need,
/// stay. Marks beyond the eighth on one letter are dropped, so that no text draws over other lines.
package func safe(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
  var result = String.UnicodeScalarView()
  var marks = 0
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
      marks = 0
      if scalar == "\u{200D}" || scalar == "\u{200C}" {
        result.append(scalar)
      } else {
        result.append(contentsOf: escape(scalar).unicodeScalars)
      }
    case .nonspacingMark, .enclosingMark:
      marks += 1
      if marks <= 8 { result.append(scalar) }
    default:
      marks = 0
      result.append(scalar)
    }
  }
  return String(result)
}

private func escape(_ scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\n": "\\n"
  case "\r": "\\r"
  case "\t": "\\t"
  default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }
}
