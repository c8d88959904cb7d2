package import Primitives

/// One payment, its parts by number; the numbers of a person never change.
package struct Payment: Sendable {
  package enum Fraud: UInt8, Sendable, CaseIterable {
    case stolenCard, cardTesting, accountTakeover, compromisedTerminal

    /// The name of its labels.
    package var name: String {
      switch self {
      case .stolenCard: "stolen_card"
      case .cardTesting: "card_testing"
      case .accountTakeover: "account_takeover"
      case .compromisedTerminal: "compromised_terminal"
      }
    }
  }

  package var time: Timestamp
  /// Its place in the stream, from 0; part of its id.
  package var number: Int
  package var person: Int
  package var merchant: Int
  package var terminal: Int
  /// The device of an online payment: the person's own, or a thief's.
  package var device: Device?
  package var cents: Int
  /// Missing for an honest payment.
  package var fraud: Fraud?

  package enum Device: Sendable {
    case own
    case strange(UInt32)
  }

  package var card: String { "c" + digits(person, 7) }
  package var id: String { "p" + digits(number, 10) }
}

private func digits(_ number: Int, _ width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.count)) + text
}
