import Console
import Detection
import Testing

@Suite("Coloured alerts") struct AlertPaintTests {
  private let card = """
    Account takeover attempt: 20 logins in 5 minutes by user_3576664.
    Risk HIGH · est. cost $500 · SLA 15 min · Security Operations
    Do: lock account, notify user, require password reset
    """

  @Test("The headline, the risk and the action stand out")
  func colours() {
    #expect(
      AlertPaint.coloured(card, severity: .critical, paint: Paint(isOn: true)) == """
        \u{1B}[1;1;97;41mAccount takeover attempt: 20 logins in 5 minutes by user_3576664.\u{1B}[0m
        Risk \u{1B}[31mHIGH\u{1B}[0m · est. cost $500 · SLA 15 min · Security Operations
        \u{1B}[36mDo:\u{1B}[0m lock account, notify user, require password reset
        """)
  }

  @Test("Headings after an empty line are bold and the rest stays")
  func story() {
    #expect(
      AlertPaint.coloured(
        "Spike.\nhigh · now\n\nWhy\n  twenty\n\nSo what\n  Severity LOW, no mapping",
        severity: .low, paint: Paint(isOn: true))
        == "\u{1B}[1mSpike.\u{1B}[0m\nhigh · now\n\n\u{1B}[1mWhy\u{1B}[0m\n  twenty\n\n"
        + "\u{1B}[1mSo what\u{1B}[0m\n  Severity LOW, no mapping")
  }

  @Test("Without colour the text stays as it is")
  func plain() {
    #expect(AlertPaint.coloured(card, severity: .high, paint: .none) == card)
  }

  @Test("Rising severities have their own colours")
  func severities() {
    #expect(Severity.allCases.map(AlertPaint.style) == [.dim, nil, .yellow, .red, .alarm])
  }
}
