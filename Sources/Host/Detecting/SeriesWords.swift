import Detection
import Primitives

/// Says in one sentence what is unusual in a series.
enum SeriesWords {
  /// Under which name an alert keeps what it measured.
  static func name(_ aspect: SeriesAspect) -> String {
    switch aspect {
    case .level(let span): "series_level_\(span)"
    case .change(let span): "series_change_\(span)"
    case .spread(let span): "series_spread_\(span)"
    case .season: "series_season"
    case .standing(let span): "series_standing_\(span)"
    case .still: "series_still"
    case .mixture(let span): "series_mixture_\(span)"
    }
  }

  static func sentence(_ cause: SeriesDetector.Cause, series: String) -> String {
    let value = figure(cause.value)
    let rarity = rarity(cause)
    switch cause.aspect {
    case .level(span: 1):
      return "\(series) is at \(value), \(cause.isHigh ? "higher" : "lower") than \(rarity)"
    case .level(let span):
      let side = cause.isHigh ? "higher" : "lower"
      return
        "\(series) was at \(value) on average over its last \(span) values, \(side) than \(rarity)"
    case .change(span: 1):
      let way = cause.isHigh ? "rose" : "fell"
      return
        "\(series) \(way) by \(figure(abs(cause.value))) from one value to the next, further than \(rarity)"
    case .change(let span):
      let way = cause.isHigh ? "rose" : "fell"
      return
        "\(series) \(way) by \(figure(abs(cause.value))) from \(span) values to the next \(span), further than \(rarity)"
    case .spread(let span):
      let way = cause.isHigh ? "scattered by \(value)" : "hardly moved, by \(value),"
      let side = cause.isHigh ? "more" : "less"
      return "\(series) \(way) over its last \(span) values, \(side) than \(rarity)"
    case .season:
      let way = cause.isHigh ? "above" : "below"
      let usual = cause.expected.map { " of \(figure($0))" } ?? ""
      return
        "\(series) is \(figure(abs(cause.value))) \(way) this hour's usual\(usual), further than \(rarity)"
    case .standing(let span):
      let side = cause.isHigh ? "high" : "low"
      return
        "\(series) kept unusually \(side) over its last \(span) values, more so than \(rarity)"
    case .still:
      return "\(series) has stood at \(value) for \(Format.count(cause.length)) values on end"
    case .mixture(let span):
      let way = cause.isHigh ? "swung between high and low" : "kept to a narrow band"
      return "\(series) \(way) over its last \(span) values, more so than \(rarity)"
    }
  }

  /// Three figures, whatever the size: `1.2 M`, `850`, `12.5`, `0.0123`.
  private static func figure(_ x: Double) -> String {
    let size = x.magnitude
    if size >= 1000 || size == 0 { return Format.short(x) }
    let decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.001 ? 5 : 9
    return Format.number(x, atMost: decimals)
  }

  /// `ever in 4,031 values` or `all but 3 of 4,031 values`.
  private static func rarity(_ cause: SeriesDetector.Cause) -> String {
    let values = Format.count(cause.earlier)
    return cause.asFar == 0
      ? "ever in \(values) values" : "all but \(Format.count(cause.asFar)) of \(values) values"
  }
}
