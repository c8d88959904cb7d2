import Detection
import Foundation
import Ingest
import Primitives
import Testing

@testable import Host

@Suite("Feature set files")
struct FeatureSetFileTests {
  @Test("A file names standard features, the same for another entity, new values and fields")
  func good() throws {
    let scratch = try Scratch([
      "mine.yaml": """
      features:
        - event_count_1h
        - { feature: event_count_24h, per: terminal }
        - { new: merchant }
        - { field: amount }
        - { feature: hour_of_day }
      """
    ])
    let set = try FeatureSetFile.load("mine", folder: scratch.path)
    #expect(
      set.features.map(\.name) == [
        "event_count_1h", "terminal_event_count_24h", "is_new_merchant", "amount", "hour_of_day",
      ])
    #expect(
      set.definition(of: "terminal_event_count_24h")
        == .count(.field("terminal"), within: .hours(24)))
    #expect(set.definition(of: "is_new_merchant") == .isNew(.primary, of: "merchant"))
    #expect(set.definition(of: "amount") == .field("amount"))
    #expect(try FeatureSetFile.names(in: scratch.path) == ["mine"])
  }

  @Test("A feature may have a name of its own and any definition that a rule may have")
  func own() throws {
    let scratch = try Scratch([
      "mine.yaml": """
      features:
        - { name: bad, label_rate: { per: terminal, within: 7 days, known_after: 1 week } }
        - { name: since_bad, since_label: { known_after: 0 days } }
        - { name: failures, count: { within: 5 minutes, where: { outcome: failure, foreign: true } } }
        - { name: spread, std: { of: amount, within: 30 days } }
        - { name: seen, history: }
        - { name: jump, delta: { order: 2 } }
        - { name: here, count: { per: [card, terminal], within: 30 days } }
        - { name: share, ratio: [failures, event_count_1h] }
        - { name: more, difference: [share, here] }
        - { name: season, seasonal_z: { of: amount, within: 28 days } }
      """
    ])
    let set = try FeatureSetFile.load("mine", folder: scratch.path)
    #expect(
      set.features == [
        NamedFeature(
          "bad", .labelRate(.field("terminal"), within: .days(7), knownAfter: .days(7))),
        NamedFeature("since_bad", .sinceLabel(.primary, knownAfter: .zero)),
        NamedFeature(
          "failures",
          .count(
            .primary, within: .minutes(5),
            where: [
              Predicate("outcome", .equals(.text("failure"))),
              Predicate("foreign", .equals(.flag(true))),
            ])),
        NamedFeature("spread", .aggregate(.std, .primary, of: "amount", within: .days(30))),
        NamedFeature("seen", .history(.primary)),
        NamedFeature("jump", .difference(.primary, of: nil, order: 2)),
        NamedFeature("here", .count(.pair("card", "terminal"), within: .days(30))),
        NamedFeature(
          "share", .ratio(set.features[2].definition, .count(.primary, within: .hours(1)))),
        NamedFeature("more", .minus(set.features[7].definition, set.features[6].definition)),
        NamedFeature("season", .seasonal(.primary, of: "amount", within: .days(28))),
      ])
  }

  @Test(
    "What is wrong with a feature of its own is told with its line",
    arguments: [
      (
        "label_rat: { per: terminal }",
        "the feature 'f' is a 'label_rat', which is no word for a feature (did you mean 'label_rate'?)"
      ),
      (
        "label_rate: { per: terminal, within: 7 days }",
        "'label_rate' of the feature 'f' needs 'known_after' "
          + "(give a duration such as '90 seconds' or '7 days')"
      ),
      (
        "count: { within: 7 }",
        "'within' of the feature 'f' is '7' (give a duration such as '90 seconds' or '7 days')"
      ),
      (
        "count: { of: amount, within: 7 days }",
        "'count' of the feature 'f' takes no 'of' (it takes within, where, per)"
      ),
      (
        "distinct: { within: 7 days }",
        "'distinct' of the feature 'f' needs 'of' (name a field of the events)"
      ),
      ("delta: { order: 3 }", "'order' of the feature 'f' is '3' (give 1 or 2)"),
      (
        "count: 7 days",
        "'count' of the feature 'f' needs its values in braces (such as count: { within: 1 hour })"
      ),
      (
        "count: { within: 1 hour }, rate: { within: 1 hour }",
        "the feature 'f' has 2 definitions (give one, such as count: { within: 1 hour })"
      ),
      (
        "ratio: [event_count_1h, event_cout_24h]",
        "'ratio' of the feature 'f' names 'event_cout_24h', which is no feature above it "
          + "(did you mean 'event_count_24h'?)"
      ),
      (
        "difference: [event_count_1h]",
        "'difference' of the feature 'f' needs the names of two features "
          + "(such as difference: [event_count_1h, event_count_24h])"
      ),
      (
        "history: { per: [card, card] }",
        "'per' of the feature 'f' is not the name of a field, or of two "
          + "(such as per: terminal, or per: [card, terminal])"
      ),
      (
        "count: { within: 1 hour, where: failure }",
        "'where' of the feature 'f' is no list of fields and values "
          + "(such as where: { outcome: failure })"
      ),
    ])
  func wrongOwn(_ text: String, _ expected: String) throws {
    let scratch = try Scratch(["f.yaml": "features:\n  - { name: f, \(text) }\n"])
    #expect(
      failure { _ = try FeatureSetFile.load("f", folder: scratch.path) }
        .replacing(scratch.path + "/", with: "") == "f.yaml:2: \(expected)")
  }

  @Test(
    "What is wrong is told with its line",
    arguments: [
      (
        "features:\n  - event_count_1h\n  - event_cout_24h\n",
        "f.yaml:3: unknown feature 'event_cout_24h' (did you mean 'event_count_24h'?)"
      ),
      (
        "features:\n  - { feature: hour_of_day, per: terminal }\n",
        "f.yaml:2: the feature 'hour_of_day' is of the event itself, the same for every entity "
          + "(leave out per)"
      ),
      (
        "features:\n  - { feature: event_count_1h, of: terminal }\n",
        "f.yaml:2: a feature is not said as feature, of "
          + "(give a name, or feature with per, new, field, or name with a word for it)"
      ),
      (
        "features:\n  - { feature: event_count_1h\n",
        "f.yaml:3: the file is not YAML: did not find expected ',' or '}'"
      ),
      ("features: []\n", "f.yaml: 'features' is empty (list at least one feature name)"),
      (
        "event_count_1h\n",
        "f.yaml: there is no list 'features' (list feature names under features:)"
      ),
      (
        "features: [event_count_1h, event_count_1h]\n",
        "feature set 'f' has two features named 'event_count_1h' (rename or remove one of them)"
      ),
    ])
  func wrong(_ text: String, _ expected: String) throws {
    let scratch = try Scratch(["f.yaml": text])
    #expect(
      failure { _ = try FeatureSetFile.load("f", folder: scratch.path) }
        .replacing(scratch.path + "/", with: "") == expected)
  }

  @Test("A set that is not there is told with the nearest name")
  func unknown() throws {
    let scratch = try Scratch(["cards.yaml": "features: [event_count_1h]\n"])
    #expect(
      failure { _ = try FeatureSetFile.load("card", folder: scratch.path) }
        == "unknown feature set 'card' (did you mean 'cards'?)")
    #expect(
      failure { _ = try FeatureSetFile.load("card", folder: "/nowhere") }
        == "unknown feature set 'card' (/nowhere holds none)")
  }
}

@Suite("Shipped feature sets")
struct ShippedFeatureSetTests {
  @Test("Every shipped set can be computed of the source that it is for")
  func shippedSets() throws {
    let folder = repository + "/config/features"
    #expect(try FeatureSetFile.names(in: folder) == ["cards"])
    let mapping = try #require(
      try MappingFolder(repository + "/config/sources").mappings.first {
        $0.id == "card-transactions"
      })
    let schema = try Schema(mapping.fields.map { ($0.name, $0.type) })
    let set = try FeatureSetFile.load("cards", folder: folder)
    let plan = try FeaturePlan(set, schema: schema, interner: Interner())
    #expect(plan.columns == set.features.count)
    #expect(plan.readsLabels)
  }
}

@Suite("Features of the shipped sources")
struct ModelFeatureTests {
  private static let sources: [SourceMapping] = {
    do {
      return try MappingFolder(repository + "/config/sources").mappings
    } catch {
      Issue.record("the shipped sources cannot be read: \(error)")
      return []
    }
  }()

  private func set(_ mapping: SourceMapping) throws -> (FeatureSet, Schema) {
    let schema = try Schema(mapping.fields.map { ($0.name, $0.type) })
    return (try ModelFeatures.set(for: mapping, schema: schema), schema)
  }

  @Test("Every source has features that its events can be asked for, and their digest stays")
  func everySource() throws {
    #expect(ModelFeatureTests.sources.count >= 8)
    for mapping in ModelFeatureTests.sources {
      let (set, schema) = try set(mapping)
      #expect(!set.features.isEmpty, "\(mapping.id)")
      #expect(try self.set(mapping).0.digest == set.digest, "\(mapping.id)")
      let plan = try FeaturePlan(set, schema: schema, interner: Interner())
      #expect(plan.columns(of: set).count == set.features.count, "\(mapping.id)")
    }
  }

  @Test("What is known to be true is neither a field nor a feature")
  func noTruth() throws {
    for mapping in ModelFeatureTests.sources {
      let (set, schema) = try set(mapping)
      for column in mapping.truth?.columns ?? [] {
        #expect(schema.field(column) == nil, "\(mapping.id) has the field \(column)")
        for feature in set.features {
          #expect(
            !"\(feature.name) \(feature.definition)".contains(column),
            "\(mapping.id) has the feature \(feature.name)")
        }
      }
    }
  }

  @Test("A source without entities has no windows")
  func noEntities() throws {
    let mapping = try #require(ModelFeatureTests.sources.first { $0.id == "creditcard" })
    let (set, _) = try set(mapping)
    #expect(set.features.allSatisfy { $0.definition.scope == nil })
    #expect(set.definition(of: "amount") == .field("amount"))
  }

  @Test("A further entity of the event has the standard windows too")
  func furtherEntities() throws {
    let mapping = try #require(ModelFeatureTests.sources.first { $0.id == "card-transactions" })
    let (set, _) = try set(mapping)
    #expect(
      set.definition(of: "terminal_event_count_1h")
        == .count(.field("terminal"), within: .hours(1)))
    #expect(set.definition(of: "event_count_1h") == .count(.primary, within: .hours(1)))
    #expect(set.definition(of: "is_new_terminal") == .isNew(.primary, of: "terminal"))
  }
}
