/// A record that could not become an event: where it stands, why, and its bytes.
package struct DeadLetter: Hashable, Sendable {
  /// Why, as a word for counting; `detail` says it for people.
  package enum Reason: String, Sendable, CaseIterable {
    case missingTime = "missing_time"
    case badTime = "bad_time"
    case badNumber = "bad_number"
    case missingValue = "missing_value"
    case unknownKind = "unknown_kind"
    case otherSource = "other_source"
    case columnCount = "column_count"
    case invalidUTF8 = "invalid_utf8"
    case nulByte = "nul_byte"
    case tooLong = "too_long"
    case badJSON = "bad_json"
    case badQuotes = "bad_quotes"
    case notSyslog = "not_syslog"
    /// Found after reading: the event came later than the lateness allowed.
    case late
    /// Found after reading: an event with this id was there before.
    case duplicate
  }

  package var file: String
  /// Of the record's first byte, from 1.
  package var line: Int
  /// Of the record's first byte in the decompressed file, from 0.
  package var byteOffset: Int64
  package var reason: Reason
  package var detail: String
  /// The record without its line ending; the first 1,024 bytes of one that is too long.
  package var raw: [UInt8]

  package init(
    file: String, line: Int, byteOffset: Int64, reason: Reason, detail: String, raw: [UInt8]
  ) {
    self.file = file
    self.line = line
    self.byteOffset = byteOffset
    self.reason = reason
    self.detail = detail
    self.raw = raw
  }
}
