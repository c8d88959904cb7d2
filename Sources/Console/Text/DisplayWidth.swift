/// How many columns of a terminal a text takes.
///
/// East Asian wide and full-width characters and emoji take two, combining marks and format characters
/// none (Unicode Standard Annex 11 and the emoji data of the standard library).
package func displayWidth(_ text: some StringProtocol) -> Int {
  // Signs of ASCII take one each, and a line end is one sign to Swift.
  if text.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x0D }) { return text.utf8.count }
  var width = 0
  for character in text { width += displayWidth(character) }
  return width
}

package func displayWidth(_ character: Character) -> Int {
  var sum = 0
  for scalar in character.unicodeScalars {
    // A sequence joined or coloured as one emoji is drawn as one.
    if scalar == "\u{200D}" || scalar == "\u{FE0F}" || scalar.properties.isEmojiModifier {
      if character.unicodeScalars.first?.properties.isEmoji == true { return 2 }
    }
    sum += columns(of: scalar)
  }
  // A flag is a pair of regional indicators.
  return character.unicodeScalars.first?.properties.isEmojiPresentation == true ? 2 : sum
}

/// The beginning of a text that fits the width, closed by `…` where something was cut.
package func truncated(_ text: String, to width: Int) -> String {
  if displayWidth(text) <= width { return text }
  guard width > 0 else { return "" }
  var result = ""
  var used = 1
  for character in text {
    used += displayWidth(character)
    if used > width { break }
    result.append(character)
  }
  return result + "…"
}

private func columns(of scalar: Unicode.Scalar) -> Int {
  if scalar.value < 0x300 { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: break
  }
  if (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FF).contains(scalar.value) {
    return 0  // Hangul vowels and finals are drawn into the syllable that they follow.
  }
  return isWide(scalar) ? 2 : 1
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D37F,
    0x1F200...0x1F2FF, 0x20000...0x3FFFD:
    true
  default: scalar.properties.isEmojiPresentation
  }
}
