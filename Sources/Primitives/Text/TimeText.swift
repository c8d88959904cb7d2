/// Times in a cell or a sentence, as far as they matter there; always in UTC.
extension Format {
  /// `2026-03-01`
  package static func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }

  /// `2026-03-01 14:00`
  package static func minute(_ time: Timestamp) -> String { cut(time, 16) }

  /// `2026-03-01 14:00:07`
  package static func second(_ time: Timestamp) -> String { cut(time, 19) }

  private static func cut(_ time: Timestamp, _ length: Int) -> String {
    String(time.description.prefix(length)).replacing("T", with: " ")
  }
}
