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
          + "(give a name, or feature with per, new, or field)"
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

@Suite("Features of the shipped sources")
struct ModelFeatureTests {
  private static let sources: [SourceMapping] = {
    do {
      return try SourceMapping.all(folder: repository + "/config/sources")
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
