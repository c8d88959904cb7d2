import Primitives

/// What is known of the row that is being built, besides its cells.
struct RowState {
  enum TimeState { case missing, read, unreadable }

  var moment = TimeParser.Moment(time: Timestamp(microseconds: 0), offset: 0)
  var timeState = TimeState.missing
  /// Of alternatives, the best rank taken so far; lower is better.
  var timeRank = Int32.max
  var idRank = Int32.max
  var kindRank = Int32.max
  var truthRank = Int32.max
  var nameRank = Int32.max
  var kind = Symbol.missing
  var source = Symbol.missing
  var isPositive = false
  var id = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  var truthName = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// A required value that could not be read.
  var badAction = -1
}

/// Where a record stands among all records, for the id of an event whose source gives it none.
struct RecordPosition {
  /// Of its file where files are followed; 0 where files are read as one stream.
  var file: UInt64
  /// Its number among all records, or its first byte where files are followed.
  var place: UInt64
  /// Its number among the events of one record.
  var copy: UInt64
}
