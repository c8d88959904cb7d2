import Ingest
package import Primitives

/// A point in time as people write it on a command line: `2018-07-24`, `2018-07-24 12:00`, `2018-07-24T12:00:00Z`; UTC
/// without an offset.
package enum TimeWords {
  package static func parse(_ text: String) -> Timestamp? { TimeText.timestamp(text) }
}
