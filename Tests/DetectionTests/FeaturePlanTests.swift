import Detection
import Primitives
import Testing

@Suite("Feature plans")
struct FeaturePlanTests {
  private func refusal(_ feature: FeatureDefinition) -> String? {
    do {
      _ = try FeaturePlan(
        features: [feature], schema: try RandomStreams.schema, interner: Interner())
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("A feature on what the events do not have is refused with a sentence")
  func refusals() {
    let hour = TimeSpan.hours(1)
    #expect(
      refusal(.distinct(.primary, of: "terminl", within: hour))
        == "the feature 'distinct terminl per primary entity within 1 hour' names 'terminl', "
        + "which is no field of the events (did you mean 'terminal'?)")
    #expect(
      refusal(.count(.field("xyz"), within: hour))
        == "the feature 'count per xyz within 1 hour' names 'xyz', which is no field of the events")
    #expect(
      refusal(.aggregate(.sum, .primary, of: "terminal", within: hour))
        == "the feature 'sum of terminal per primary entity within 1 hour' needs a number, but the "
        + "field 'terminal' holds text (name a number field, or count or compare the text instead)")
    #expect(
      refusal(.isNew(.primary, of: "amount"))
        == "the feature 'new amount per primary entity' needs a text, but the field 'amount' holds "
        + "a number (name a text field)")
    #expect(
      refusal(.count(.primary, within: .zero))
        == "the feature 'count per primary entity within 0 seconds' has a window of 0 seconds "
        + "(give it a length above 0 and at most 3660 days)")
    #expect(
      refusal(.ewma(.primary, of: nil, halfLife: .seconds(-1)))
        == "the feature 'ewma of the measure per primary entity with half-life -1 seconds' has a "
        + "half-life of -1 seconds (give it a length above 0 and at most 3660 days)")
    #expect(
      refusal(.difference(.primary, of: nil, order: 3))
        == "the feature 'difference 3 of the measure per primary entity' asks for a difference of "
        + "order 3 (use order 1 or 2)")
    #expect(
      refusal(.count(.primary, within: hour, where: [Predicate("outcom", .present)]))
        == "the feature 'count per primary entity within 1 hour where outcom present': a condition "
        + "names 'outcom', which is no field and no feature (did you mean 'outcome'?)")
  }

  @Test("A run without amounts has the standard features, missing where they need one")
  func noMeasure() throws {
    let schema = try Schema([("user", .text)])
    let interner = Interner()
    let plan = try FeaturePlan(.standard, schema: schema, interner: interner)
    let batch = EventBatch(schema: schema)
    for second in 0..<3 {
      batch.append(
        EventRecord(
          time: Timestamp(seconds: Int64(second)), id: "", source: "s", kind: "login",
          fields: ["user": .text("ana")], primaryField: "user"), interner: interner)
    }
    let table = FeatureTable(columns: plan.columns)
    FeatureEngine(plan: plan, shards: 1).process(batch, into: table, shard: 0)
    func value(_ name: String) throws -> Double {
      table[2, plan.column(of: try #require(FeatureSet.standard.definition(of: name)))]
    }
    #expect(try value("event_count_1h") == 3)
    #expect(try value("metric_mean_24h").isNaN)
    #expect(try value("daily_amount").isNaN)
    #expect(try value("time_since_last_event_seconds") == 1)
  }

  @Test("The standard set has the names that models and rules rely on")
  func standardNames() {
    #expect(
      FeatureSet.standard.features.map(\.name) == [
        "event_count_1h", "event_count_24h", "metric_mean_24h", "metric_std_24h", "metric_z_24h",
        "delta_1", "pct_change_1h", "pct_change_24h", "time_since_last_event_seconds",
        "amount_diff_1", "amount_diff_2", "hour_of_day", "day_of_week", "sin_hourly", "cos_hourly",
        "sin_daily", "cos_daily", "distinct_event_types_24h", "event_count_7d", "metric_mean_7d",
        "metric_max_24h", "amount_vs_mean_ratio", "amount_vs_last_ratio", "daily_count",
        "daily_amount", "velocity_per_hour", "hour_rarity",
      ])
  }

  @Test("A digest follows names, order and definitions, and not the set's own name")
  func digest() throws {
    let count = NamedFeature("n", .count(.primary, within: .hours(1)))
    let sum = NamedFeature("s", .dailySum(.primary, of: "amount"))
    let set = try FeatureSet(name: "a", features: [count, sum])
    let renamed = try FeatureSet(name: "b", features: [count, sum])
    #expect(set.digest == renamed.digest)
    let others = try [
      FeatureSet(name: "a", features: [sum, count]),
      FeatureSet(name: "a", features: [count]),
      FeatureSet(name: "a", features: [NamedFeature("m", count.definition), sum]),
      FeatureSet(
        name: "a", features: [NamedFeature("n", .count(.primary, within: .hours(2))), sum]),
    ]
    #expect(Set(others.map(\.digest) + [set.digest]).count == 5)
    #expect(set.digest.count == 16)
    // A model in the field depends on this: a change here retires every model.
    #expect(FeatureSet.standard.digest == "997da129c0804e1d")
  }

  @Test("The same windows over another entity carry its name and leave out the clock")
  func perEntity() {
    let set = FeatureSet.standard.per("terminal")
    #expect(set.features.first?.name == "terminal_event_count_1h")
    #expect(set.definition(of: "terminal_hour_of_day") == nil)
    #expect(
      set.definition(of: "terminal_metric_max_24h")
        == .aggregate(.max, .field("terminal"), of: nil, within: .days(1)))
  }

  @Test("A name that stands twice in a set is refused")
  func twice() {
    let feature = NamedFeature("n", .history(.primary))
    #expect(throws: Failure.self) { try FeatureSet(name: "mine", features: [feature, feature]) }
    do {
      _ = try FeatureSet(name: "mine", features: [feature, feature])
    } catch {
      #expect(
        "\(error)"
          == "feature set 'mine' has two features named 'n' (rename or remove one of them)")
    }
  }

  @Test("Features read as sentences with their numbers")
  func words() {
    func sentence(_ name: String, _ value: Double) -> String? {
      FeatureSet.standard.features.first { $0.name == name }?.words.sentence(value)
    }
    #expect(sentence("event_count_1h", 20) == "20 events in the last hour")
    #expect(sentence("event_count_24h", 1) == "1 event in the last 24 hours")
    #expect(sentence("event_count_7d", 3) == "3 events in the last 7 days")
    #expect(sentence("metric_mean_24h", 12.5) == "mean amount 12.5 in the last 24 hours")
    #expect(sentence("metric_std_24h", .nan) == "spread of amount unknown in the last 24 hours")
    #expect(
      sentence("metric_z_24h", -3.14)
        == "amount -3.1 standard deviations from its mean in the last 24 hours")
    #expect(sentence("amount_vs_last_ratio", 9.96) == "10 times the amount before")
    #expect(sentence("time_since_last_event_seconds", 5) == "5 s after the last event")
    #expect(
      FeatureDefinition.count(
        .primary, within: .minutes(5), where: [Predicate("outcome", .equals(.text("failure")))]
      ).words.sentence(12) == "12 events with outcome failure in the last 5 minutes")
    #expect(sentence("time_since_last_event_seconds", 616_000) == "7 d 3 h after the last event")
    #expect(sentence("day_of_week", 4) == "a Friday")
    func own(_ feature: FeatureDefinition, _ value: Double) -> String {
      feature.words.sentence(value)
    }
    let kind = Predicate("kind", .any([.equals(.text("login")), .equals(.text("reply"))]))
    let round = Predicate("amount", .multipleOf(100))
    let hour = TimeSpan.hours(1)
    #expect(
      own(.count(.primary, within: hour, where: [kind]), 1) == "1 login or reply in the last hour")
    #expect(
      own(.count(.primary, within: hour, where: [kind, round]), 3)
        == "3 logins or replies with amount a multiple of 100 in the last hour")
    #expect(
      own(.aggregate(.sum, .primary, of: "amount", within: hour, where: [round]), 1100)
        == "total amount 1100 of events with amount a multiple of 100 in the last hour")
    #expect(
      own(.distinct(.primary, of: "device", within: hour), 1)
        == "1 different device in the last hour")
    #expect(
      own(.sinceLast(.primary, where: [kind]), 26) == "26 s after the last login or reply")
    #expect(own(.isNew(.primary, of: "src_ip"), 1) == "src ip never seen before")
    #expect(own(.isNew(.primary, of: "src_ip"), 0) == "src ip seen before")
    #expect(own(.isNew(.primary, of: "src_ip"), .nan) == "src ip unknown")
    #expect(own(.equals("kind", "login"), 0) == "kind is not login")
    let event = EventRecord(
      time: Timestamp(seconds: 1_772_373_600), id: "e", source: "s", kind: "login", fields: [:])
    func onEvent(_ feature: FeatureDefinition, _ kind: String?, _ value: Double) -> String {
      feature.words(
        feature.words, on: event, noun: kind.map { FeatureDefinition.noun(ofKind: $0) }
      ).sentence(value)
    }
    let count = FeatureDefinition.count(.primary, within: hour)
    #expect(onEvent(count, "login", 20) == "20 logins in the last hour")
    #expect(onEvent(count, nil, 20) == "20 events in the last hour")
    #expect(onEvent(.dailyCount(.primary), "card_reply", 1) == "1 card reply today")
    #expect(
      onEvent(.count(.primary, within: .days(7)), "login", 2) == "2 events in the last 7 days")
    #expect(onEvent(.calendar(.sinDaily), nil, 0.5) == "time of day 14:00 UTC")
    for feature in FeatureSet.standard.features {
      #expect(!feature.words.sentence(2.5).contains("{n}"))
    }
  }

  @Test("Numbers are rounded to their decimals and carry no needless zeros")
  func numbers() {
    #expect(FeatureWords.number(1234.5678, decimals: 2) == "1234.57")
    #expect(FeatureWords.number(-0.05, decimals: 2) == "-0.05")
    #expect(FeatureWords.number(-0.001, decimals: 2) == "0")
    #expect(FeatureWords.number(2, decimals: 2) == "2")
    #expect(FeatureWords.number(100, decimals: 0) == "100")
    #expect(FeatureWords.number(1e300, decimals: 1) == "1e+300")
  }

  @Test("A count is called what its author calls it, where that is one word in the plural")
  func nouns() {
    func said(_ name: String, _ value: Double, where filter: [Predicate] = []) -> String {
      NamedFeature(name, .count(.field("user"), within: .minutes(5), where: filter)).words
        .sentence(value)
    }
    #expect(said("logins", 8) == "8 logins in the last 5 minutes")
    #expect(said("logins_10m", 1) == "1 login in the last 5 minutes")
    #expect(said("entries", 1) == "1 entry in the last 5 minutes")
    #expect(said("entries", 2) == "2 entries in the last 5 minutes")
    #expect(said("n", 8) == "8 events in the last 5 minutes")
    #expect(said("week_payments", 8) == "8 events in the last 5 minutes")
    let failed = [Predicate("outcome", .equals(.text("failure")))]
    #expect(
      said("logins", 8, where: failed) == "8 events with outcome failure in the last 5 minutes")
  }
}
