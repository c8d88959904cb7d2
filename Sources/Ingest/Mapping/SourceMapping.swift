package import Detection
package import Primitives

/// How the records of one kind of input become events: what `config/sources/ID.yaml` says.
///
/// Ground truth named here becomes labels and never a field. Columns not named here are left out, unless
/// `discovers` is set.
package struct SourceMapping: Sendable, Equatable {
  package enum Format: String, Sendable, CaseIterable { case csv, jsonl, syslog }

  /// One raw column, key or capture that becomes a field.
  package struct Column: Sendable, Equatable {
    /// The column's name; nested JSON keys are joined with dots.
    package var name: String
    package var field: String
    package var type: FieldType
    /// A record without a readable value here is refused.
    package var isRequired: Bool
    /// Texts to be replaced: raw value → value.
    package var values: [String: String]

    package init(
      name: String, field: String, type: FieldType, isRequired: Bool = false,
      values: [String: String] = [:]
    ) {
      self.name = name
      self.field = field
      self.type = type
      self.isRequired = isRequired
      self.values = values
    }
  }

  package enum KindRule: Sendable, Equatable {
    case constant(String)
    /// By the value of the first of these columns that is there; without `values` the value itself. A value that
    /// `values` lacks, or none, gives `otherwise`; where that is missing too, the record is refused.
    case column([String], values: [String: String], otherwise: String?)
  }

  /// What a text field of an event is set to.
  package enum Setting: Sendable, Equatable {
    case constant(String)
    /// The value of another text field, where it is there.
    case field(String)
  }

  /// A kind that is another one by the value of a text field.
  package struct KindSplit: Sendable, Equatable {
    package var field: String
    /// Value → kind; with another value, or none, the event stays what it is.
    package var kinds: [String: String]
  }

  /// A column that says whether the event was an attack; it is a label, never a field.
  package struct Truth: Sendable, Equatable {
    /// The first of these that is there counts.
    package var columns: [String]
    /// Values that mean yes.
    package var positive: Set<String>
    /// `fraud` or `anomaly`.
    package var type: String
    /// The label's name where no column names it.
    package var name: String
    package var nameColumns: [String]
    /// Raw name → name.
    package var names: [String: String]
    package var severity: Int
  }

  /// A text field made of several columns joined with `-`, as many as are there; missing without the first.
  package struct Combination: Sendable, Equatable {
    package var field: String
    package var columns: [String]
  }

  /// A message of a syslog program and what it becomes.
  package struct Pattern: Sendable, Equatable {
    package var match: SyslogPattern
    package var kind: String
    /// Text fields set to a constant.
    package var constants: [String: String]
  }

  /// Fields whose values name entities; the first that an event has is its primary one.
  package struct Entities: Sendable, Equatable {
    /// Fields for events of one kind.
    package var byKind: [String: [String]]
    /// Fields for any other kind.
    package var others: [String]

    package func fields(kind: String) -> [String] { byKind[kind] ?? others }
  }

  package var id: String
  package var format: Format
  /// The first of these that is there holds the time.
  package var timeColumns: [String]
  package var timeFormat: TimeFormat
  /// An IANA name. Missing: the time's own offset counts, UTC where it has none.
  package var zone: String?
  package var eventIDColumns: [String]
  package var kind: KindRule
  /// What events of a kind get in text fields: kind → field → value.
  package var kindSettings: [String: [String: Setting]]
  /// What events of a kind become in the end.
  package var kindSplits: [String: KindSplit]
  package var columns: [Column]
  package var combinations: [Combination]
  package var constants: [String: String]
  package var entities: Entities
  package var truth: Truth?
  /// Columns that never become a field, found or not.
  package var ignored: Set<String>
  /// Other keys of the first 1,000 records become fields too (JSON lines only).
  package var discovers: Bool
  /// The text field that holds the name of the file without its endings.
  package var fileField: String?
  package var delimiter: UInt8
  package var programs: [String]
  package var patterns: [Pattern]

  /// Every field that the mapping itself can fill, in order.
  package var fields: [(name: String, type: FieldType)] {
    var found: [(name: String, type: FieldType)] = []
    var names = Set<String>()
    var settable = Set<String>()
    func add(_ name: String, _ type: FieldType) {
      if names.insert(name).inserted { found.append((name, type)) }
    }
    for column in columns { add(column.field, column.type) }
    for combination in combinations { add(combination.field, .text) }
    for name in constants.keys.sorted() { add(name, .text) }
    for pattern in patterns { for name in pattern.constants.keys.sorted() { add(name, .text) } }
    for settings in kindSettings.values {
      for name in settings.keys { settable.insert(name) }
    }
    for name in settable.sorted() { add(name, .text) }
    if let fileField { add(fileField, .text) }
    return found
  }

  /// The fields that can be an event's first entity.
  package var entityFields: Set<String> {
    Set(entities.byKind.values.joined()).union(entities.others)
  }
}

/// How a source writes a time.
package enum TimeFormat: Sendable, Hashable {
  /// `2018-04-01T00:00:31.25+02:00`; a blank for the `T`, no seconds, no fraction, no offset and a date alone are taken too.
  case iso8601
  /// `04/01/2018 00:00:31`.
  case monthDayYear
  /// A number of units since 1970, with or without a fraction; the unit in microseconds.
  case epoch(unit: Int64)
  /// Seconds since a base.
  case secondsSince(Timestamp)
  /// `Mar 27 13:06:56`: no year, so the first one is given and December to January adds one. ISO 8601 is taken too.
  case syslog(year: Int)
  /// ISO 8601, or a number since 1970 in s, ms, µs or ns by its size.
  case any
}
