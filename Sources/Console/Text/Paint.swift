/// A way to set text off from the rest: a colour or a weight.
package enum Style: String, Sendable {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
  case yellow = "33"
  case blue = "34"
  case cyan = "36"
  /// White on red: for what must not be missed.
  case alarm = "1;97;41"
}

/// Puts styles on text where the terminal shows them and leaves the text alone where it does not.
package struct Paint: Sendable {
  package var isOn: Bool

  package init(_ terminal: Terminal) { isOn = terminal.hasColour }
  package init(isOn: Bool) { self.isOn = isOn }

  package static let none = Paint(isOn: false)

  package func callAsFunction(_ text: String, _ styles: Style?...) -> String {
    let codes = styles.compactMap { $0?.rawValue }
    guard isOn, !codes.isEmpty, !text.isEmpty else { return text }
    return "\u{1B}[\(codes.joined(separator: ";"))m\(text)\u{1B}[0m"
  }
}
