package import Detection
import Foundation
package import Primitives

/// A detector that can be saved: the forest, what its columns mean, and how its margins become probabilities.
package struct Model: Sendable, Equatable {
  /// What a model was trained on, for people and for the registry.
  package struct TrainedOn: Sendable, Equatable {
    package var rows: Int
    package var positives: Int
    /// The time of the first and the last row; missing for a table without times.
    package var from: Timestamp?
    package var to: Timestamp?
    package var seed: UInt64

    package init(
      rows: Int, positives: Int, from: Timestamp? = nil, to: Timestamp? = nil, seed: UInt64
    ) {
      self.rows = rows
      self.positives = positives
      self.from = from
      self.to = to
      self.seed = seed
    }
  }

  /// What a score from 0 to 1 says.
  package enum Meaning: String, Sendable, CaseIterable {
    /// How likely the row is what was to be found.
    case probability
    /// How large a share of other rows is less rare; learned without labels, so that it is no probability of anything.
    case rarity
  }

  package var features: [String]
  /// By feature, the categories whose places are its values; empty for one that is a number. Empty where all are.
  package var categories: [[String]]
  /// A digest of the definitions of the features; of their names where they are columns of a table.
  package var featureDigest: String
  package var objective: Objective
  package var forest: Forest
  package var calibration: Calibration
  package var meaning = Meaning.probability
  /// The probability from which on an alert is raised; missing where none was chosen.
  package var alertThreshold: Double?
  /// Missing in a model from elsewhere.
  package var trainedOn: TrainedOn?

  package init(
    features: [String], categories: [[String]] = [], featureDigest: String,
    objective: Objective = .logistic, forest: Forest,
    calibration: Calibration, alertThreshold: Double? = nil, trainedOn: TrainedOn? = nil
  ) {
    precondition(features.count == forest.featureCount, "every column of a forest has a name")
    precondition(
      categories.isEmpty || categories.count == features.count, "every feature has its categories")
    self.features = features
    self.categories = categories.contains { !$0.isEmpty } ? categories : []
    self.featureDigest = featureDigest
    self.objective = objective
    self.forest = forest
    self.calibration = calibration
    self.alertThreshold = alertThreshold
    self.trainedOn = trainedOn
  }

  /// The score of a margin: a probability, or the predicted number itself where the model predicts numbers.
  package func score(_ margin: Double) -> Double {
    switch objective {
    case .logistic: calibration.probability(margin)
    case .squaredError: margin
    }
  }

  /// For each feature of the model its column in a table; refuses a table that lacks one.
  package func columns(in names: [String]) throws(Failure) -> [Int] {
    var places: [String: Int] = [:]
    for (place, name) in names.enumerated() where places[name] == nil { places[name] = place }
    var columns: [Int] = []
    for name in features {
      guard let place = places[name] else {
        let near = nearestName(to: name, among: names)
        throw Failure(
          .usage, "the table has no column '\(name)'",
          advice: near.map { "did you mean '\($0)'?" } ?? "the model was trained on it; add it")
      }
      columns.append(place)
    }
    return columns
  }
}
