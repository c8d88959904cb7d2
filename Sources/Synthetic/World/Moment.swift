/// One event of the made-up world before it is spelled out: numbers and places in the table of names.
///
/// 48 bytes, so that a month of 200,000 events stays below 10 MB; records are spelled out one at a time.
struct Moment {
  enum Shape: UInt8 {
    case login, failedLogin, logoff, connect, disconnect, payment, purchase, metric
  }

  /// Microseconds since the epoch.
  var time: Int64
  /// Order of invention, which decides between equal times.
  var serial: UInt32
  /// Seconds east of Greenwich of the clock at the place.
  var zone: Int32
  var shape: Shape
  /// The user, card or series, by its place among the names.
  var actor: UInt32
  /// The device or merchant.
  var with: UInt32 = 0
  /// The address, terminal or the buyer's device; 0 where there is none.
  var via: UInt32 = 0
  /// The site or category.
  var about: UInt32 = 0
  /// The amount or value.
  var measure = 0.0
}
