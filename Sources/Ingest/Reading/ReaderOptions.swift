extension Reader {
  package struct Options: Sendable {
    /// Stop at the first record that cannot become an event.
    package var isStrict = false
    /// Longest record in bytes.
    package var recordLimit = 1 << 20
    /// How many records of JSON lines are looked at for fields that no mapping names.
    package var discoveryRecords = 1000
    /// How long a pipe, or files that grow, may keep a batch waiting that holds an event already.
    package var waitMilliseconds: Int32 = 10

    package init() {}
  }

  package struct Statistics: Sendable, Equatable {
    /// Records seen: events, dead letters and ignored lines. A repeated syslog line is one record of many events.
    package var records: UInt64 = 0
    package var events: UInt64 = 0
    /// Lines that the source is known to hold and that are no events (syslog only).
    package var ignored: UInt64 = 0
    /// Optional numbers and flags that could not be read and count as missing.
    package var unreadableValues: UInt64 = 0
    package var deadLetters: [DeadLetter.Reason: UInt64] = [:]

    package init() {}

    package var deadLetterCount: UInt64 { deadLetters.values.reduce(0, +) }
  }
}
