import Detection
import Foundation
package import Primitives

/// Reads back what `AlertWriter` wrote; keys that it does not know are passed over.
package enum AlertReader {
  /// An alert from one line, with or without its line end.
  package static func alert(_ line: some Sequence<UInt8>) throws(Failure) -> Alert {
    do {
      return try JSONDecoder().decode(AlertLine.self, from: Data(line)).alert()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.input, "not an alert: \(unreadable(error))")
    }
  }
}

/// Where a decoder stopped, in words: the key and what was wrong with it.
func unreadable(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
    (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
  }
  switch error as? DecodingError {
  case .keyNotFound(let key, let context): return "'\(place(context, key))' is missing"
  case .valueNotFound(_, let context): return "'\(place(context))' is null"
  case .typeMismatch(_, let context) where !context.codingPath.isEmpty:
    return "'\(place(context))' has the wrong type"
  case .typeMismatch: return "a JSON object was expected"
  case .dataCorrupted(let context) where !context.codingPath.isEmpty:
    return "'\(place(context))' cannot be read"
  default: return "this is not JSON"
  }
}

/// The keys of the line as they stand.
private struct AlertLine: Decodable {
  struct Who: Decodable {
    var field: String?
    var value: String?
  }
  struct Cause: Decodable {
    var feature: String
    var value: Double?
    var normal: Double?
    var contribution: Double?
    var text: String?
  }

  var id: String
  var time: String
  var event_id: String
  var source: String
  var entity: Who?
  var kind: String
  var rule: String?
  var score: Double?
  var confidence: Double?
  var severity: String
  var title: String
  var message: String
  var reasons: [Cause]
  var category: String?
  var risk: String?
  var cost_usd: Double?
  var cost_per: String?
  var compliance: [String]
  var action: String?
  var owner: String?
  var sla_seconds: Int?
  var mapping: String?
  var recurrence: Int
  var incident: String
  var model: String?
  var plugins_digest: String?

  func alert() throws(Failure) -> Alert {
    guard let time = Timestamp(utc: time) else { throw unknown("time", time) }
    guard let kind = Alert.Kind(rawValue: kind) else { throw unknown("kind", kind) }
    guard let severity = Severity(severity) else { throw unknown("severity", severity) }
    return Alert(
      id: id, time: time, eventID: event_id, source: source, entity: who, kind: kind, rule: rule,
      score: score, confidence: confidence, severity: severity, title: title, message: message,
      reasons: reasons.map {
        Reason(
          feature: $0.feature, value: $0.value, normal: $0.normal, contribution: $0.contribution,
          text: $0.text ?? $0.feature)
      }, category: category, risk: try word("risk", risk), costUSD: cost_usd,
      costPer: try word("cost_per", cost_per), compliance: compliance, action: action,
      owner: owner, slaSeconds: sla_seconds, mapping: mapping, recurrence: recurrence,
      incident: incident, model: model, pluginsDigest: plugins_digest)
  }

  private var who: Entity? {
    guard let field = entity?.field, let value = entity?.value else { return nil }
    return Entity(field: field, value: value)
  }

  private func word<Word: RawRepresentable<String>>(
    _ key: String, _ text: String?
  ) throws(Failure) -> Word? {
    guard let text else { return nil }
    guard let word = Word(rawValue: text) else { throw unknown(key, text) }
    return word
  }

  private func unknown(_ key: String, _ text: String) -> Failure {
    Failure(.input, "not an alert: '\(key)' cannot be '\(AlertCard.shown(text))'")
  }
}

extension Timestamp {
  /// The canonical form that `description` writes: `2026-03-01T14:00:00Z`, with 0, 3 or 6 digits of fraction.
  init?(utc text: String) {
    let bytes = Array(text.utf8)
    func digits(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var n = 0
      for byte in bytes[range] {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        n = n * 10 + Int(byte - 0x30)
      }
      return n
    }
    func marks(_ places: [(Int, String)]) -> Bool {
      places.allSatisfy { $0.0 < bytes.count && bytes[$0.0] == $0.1.utf8.first }
    }
    guard [20, 24, 27].contains(bytes.count), bytes.last == UInt8(ascii: "Z"),
      marks([(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]),
      bytes.count == 20 || marks([(19, ".")]),
      let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10),
      let hour = digits(11..<13), let minute = digits(14..<16), let second = digits(17..<19)
    else { return nil }
    var fraction = 0
    if bytes.count > 20 {
      guard let read = digits(20..<bytes.count - 1) else { return nil }
      fraction = bytes.count == 24 ? read * 1000 : read
    }
    guard
      let civil = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        microsecond: fraction)
    else { return nil }
    self = civil.timestamp()
  }
}
