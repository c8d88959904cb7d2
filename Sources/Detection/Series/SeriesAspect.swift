/// What of a series can be unusual: each is a number computed from the value and its past, judged on both sides.
package enum SeriesAspect: Hashable, Sendable {
  /// The value itself (a span of 1), or the mean of the last values.
  case level(span: Int)
  /// The mean of the last values less the mean of as many before them.
  case change(span: Int)
  /// The standard deviation of the last values: a flat line at one end, a new unrest at the other.
  case spread(span: Int)
  /// The value less what is usual at this hour of the week.
  case season
  /// The mean rank of the last values among all earlier ones, 0 to 1.
  case standing(span: Int)
  /// The standard deviation of the ranks of the last values.
  case mixture(span: Int)
  /// The value is the same again and again.
  case still

  /// All that is judged by its tails on both sides, in a fixed order.
  static let all: [SeriesAspect] =
    RecentValues.spans.map { .level(span: $0) } + RecentValues.spans.map { .change(span: $0) }
    + RecentValues.spans.dropFirst().map { .spread(span: $0) } + [.season]
    + RecentValues.spans.dropFirst().map { .standing(span: $0) }
    + RecentValues.spans.dropFirst().map { .mixture(span: $0) }
}
