extension String {
  /// Whether no more than 30 combining marks follow one another: the Stream-Safe Text Format of Unicode (UAX #15, 13).
  ///
  /// Swift compares and hashes texts after putting such marks in order, which takes quadratic time in the length of
  /// a run of them: 64 KB of nothing else keep a dictionary busy for a third of a second.
  var isStreamSafe: Bool {
    // A mark takes two bytes or more, so that a text without a long run of other than ASCII has no long run of marks.
    var others = 0
    var suspicious = false
    for byte in utf8 {
      others = byte < 0x80 ? 0 : others + 1
      if others > 2 * 30 {
        suspicious = true
        break
      }
    }
    guard suspicious else { return true }
    var marks = 0
    for scalar in unicodeScalars {
      marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
      if marks > 30 { return false }
    }
    return true
  }

  /// The text without the marks that are more than 30 in a row.
  var streamSafe: String {
    if isStreamSafe { return self }
    var safe = String.UnicodeScalarView()
    var marks = 0
    for scalar in unicodeScalars {
      marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
      if marks <= 30 { safe.append(scalar) }
    }
    return String(safe)
  }
}
