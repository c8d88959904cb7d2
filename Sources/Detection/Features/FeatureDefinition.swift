package import Primitives

/// Whose events a feature looks at.
package enum EntityScope: Hashable, Sendable {
  /// The event's first entity, whatever its field.
  case primary
  /// The entity in this field: `terminal`.
  case field(String)
  /// The entities in two fields together: this card at this terminal. Missing where one of them is.
  case pair(String, String)
}

/// What one feature measures; its name stands beside it in a `FeatureSet`. Equal definitions are computed once.
///
/// A window of length w at an event with (time t, arrival n) holds the entity's events with time in [t − w, t] and
/// (time, arrival) before (t, n). `value` fields name a number field; where it is nil, the event's measure: `amount`,
/// or `value` where that is missing. A feature is missing (NaN) where this says so or the event has no such entity.
package indirect enum FeatureDefinition: Hashable, Sendable {
  /// Events in the window that pass the filter, the event itself included where it passes.
  case count(EntityScope, within: TimeSpan, where: [Predicate] = [])
  /// An aggregate of a number over the past window; missing where it has too few values (std needs 2).
  case aggregate(Aggregate, EntityScope, of: String?, within: TimeSpan, where: [Predicate] = [])
  /// Distinct present values of a text field in the window, the event itself included.
  case distinct(EntityScope, of: String, within: TimeSpan, where: [Predicate] = [])
  /// (value − mean) / std of the past window; missing where std is missing or 0.
  case zScore(EntityScope, of: String?, within: TimeSpan)
  /// value / mean of the past window; missing where the mean is missing or 0.
  case ratioToMean(EntityScope, of: String?, within: TimeSpan)
  /// (value − first in window) / first × 100; missing where there is none or it is 0.
  case percentChange(EntityScope, of: String?, within: TimeSpan)
  /// First (order 1) or second (order 2) difference of the value to the entity's previous ones.
  case difference(EntityScope, of: String?, order: Int)
  /// value / previous value; missing on the first and where the previous is 0.
  case ratioToLast(EntityScope, of: String?)
  /// Seconds since the entity's previous event that passes the filter; missing on the first.
  case sinceLast(EntityScope, where: [Predicate] = [])
  /// Events of the entity today (the source's calendar day), this one included.
  case dailyCount(EntityScope)
  /// Sum of the value today, this event included.
  case dailySum(EntityScope, of: String?)
  /// Events per hour in the window, this one included.
  case rate(EntityScope, within: TimeSpan)
  /// Exponentially weighted mean of past values with this half-life; missing on the first.
  case ewma(EntityScope, of: String?, halfLife: TimeSpan)
  /// 1 − share of the entity's past events within an hour of this hour of day (circular, smoothed); missing below 8 past events.
  case hourRarity(EntityScope)
  /// 1 where the entity never had this value of the text field before, else 0; missing where the field is.
  case isNew(EntityScope, of: String)
  /// Events of the entity seen so far, this one not included.
  case history(EntityScope)
  /// The share of the entity's events that turned out bad, as known at the event's time t: of its events with time in
  /// [t − knownAfter − within, t − knownAfter], those with a label known by t. Missing where there are no such events.
  case labelRate(EntityScope, within: TimeSpan, knownAfter: TimeSpan)
  /// Seconds since the entity's newest event that is known to be bad and at least `knownAfter` old; missing where there
  /// is none.
  case sinceLabel(EntityScope, knownAfter: TimeSpan)
  /// How far the value is from what is usual for the entity in this hour of the week, in robust deviations: (value −
  /// median) / (1.4826 · median absolute deviation) of the newest 64 values of the past window in the same hour of the
  /// week (the source's clock). Missing below 4 such values and where they do not differ.
  case seasonal(EntityScope, of: String?, within: TimeSpan)
  /// The first feature divided by the second; missing where one of them is, or the second is 0.
  case ratio(FeatureDefinition, FeatureDefinition)
  /// The first feature less the second; missing where one of them is.
  case minus(FeatureDefinition, FeatureDefinition)
  case calendar(Calendar)
  /// The event's own number or flag.
  case field(String)
  /// 1 where the event's text field, or `kind` or `source`, equals the word, else 0.
  case equals(String, String)

  package enum Aggregate: String, Hashable, Sendable, CaseIterable {
    case sum, mean, std, min, max, first, last
  }

  /// Of the event's own time; hour and day in the source's zone, sines and cosines of the epoch.
  package enum Calendar: String, Hashable, Sendable, CaseIterable {
    case hourOfDay = "hour_of_day"
    case dayOfWeek = "day_of_week"
    case sinHourly = "sin_hourly"
    case cosHourly = "cos_hourly"
    case sinDaily = "sin_daily"
    case cosDaily = "cos_daily"
  }
}

/// A feature with the name that people and models use for it.
package struct NamedFeature: Hashable, Sendable {
  package var name: String
  package var definition: FeatureDefinition

  package init(_ name: String, _ definition: FeatureDefinition) {
    self.name = name
    self.definition = definition
  }
}
