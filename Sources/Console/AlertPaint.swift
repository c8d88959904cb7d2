package import Detection

/// Colours the text of an alert: the headline by severity, the risk by its word, headings in bold.
///
/// Only colours are added. The text itself was made safe where it was written.
package enum AlertPaint {
  package static func coloured(_ text: String, severity: Severity, paint: Paint) -> String {
    guard paint.isOn else { return text }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for index in lines.indices {
      let line = lines[index]
      if index == 0 {
        lines[index] = paint(line, .bold, style(of: severity))
      } else if let word = riskWord(in: line) {
        let risk = Severity(word.lowercased())
        lines[index] = line.replacing(
          word, with: paint(word, risk.flatMap(style)), maxReplacements: 1)
      } else if line.hasPrefix("Do: ") {
        lines[index] = paint("Do:", .cyan) + line.dropFirst(3)
      } else if lines[index - 1].isEmpty {
        lines[index] = paint(line, .bold)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The colour of a severity or a risk; the lower ones need none.
  package static func style(of severity: Severity) -> Style? {
    switch severity {
    case .info: .dim
    case .low: nil
    case .medium: .yellow
    case .high: .red
    case .critical: .alarm
    }
  }

  /// `HIGH` of `Risk HIGH · est. cost $500` and of `Severity HIGH, no mapping`.
  private static func riskWord(in line: String) -> String? {
    let words = line.split { $0 == " " || $0 == "," }
    guard words.count > 1, words[0] == "Risk" || words[0] == "Severity" else { return nil }
    return String(words[1])
  }
}
