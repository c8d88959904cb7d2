import Detection

/// What training did and how good the detector is on later rows; computed from the run, or absent.
package struct TrainingReport: Sendable, Encodable {
  package struct Split: Sendable, Encodable {
    /// `rows` (file order), `time`.
    package var kind: String
    package var trainRows: Int
    package var validationRows: Int
    package var testRows: Int

    package init(kind: String, trainRows: Int, validationRows: Int, testRows: Int) {
      self.kind = kind
      self.trainRows = trainRows
      self.validationRows = validationRows
      self.testRows = testRows
    }

    private enum CodingKeys: String, CodingKey {
      case kind
      case trainRows = "train_rows"
      case validationRows = "validation_rows"
      case testRows = "test_rows"
    }
  }

  package struct Importance: Sendable, Encodable {
    package var feature: String
    /// The share of all loss that splits on it took away.
    package var gain: Double
  }

  package var rows: Int
  package var columns: Int
  /// By column of categories, how many are told apart; absent where all columns are numbers.
  package var categories: [String: Int]?
  /// Columns of texts that were not learned from, since none of their texts comes often enough; absent where none.
  package var leftOut: [String]?
  /// Rows with label 1 among all; absent where labels are numbers.
  package var positives: Int?
  package var binSeconds: Double
  package var fitSeconds: Double
  /// Rounds that ran; early stopping may keep fewer trees.
  package var rounds: Int
  package var trees: Int
  package var leaves: Int
  package var split: Split
  package var test: QualityReport
  package var perSource: [String: QualityReport]?
  package var perScenario: [String: ScenarioReport]?
  /// By the month of the test rows, such as `2018-07`.
  package var perMonth: [String: QualityReport]?
  /// What shuffling each feature among the test rows costs in average precision; absent without a positive.
  package var permutationImportance: [PermutationImportance.Loss]?
  /// Which hyper-parameters were tried, and what came of each; absent without a search.
  package var search: SearchReport?
  /// The model beside detectors that need no labels, where asked for.
  package var detectors: DetectorComparison?
  /// From the most to the least important; features that no split uses are left out.
  package var featureImportance: [Importance]
  /// What a score says: `probability`, or `rarity` where nothing was labelled.
  package var scoreMeaning: String
  package var featureDigest: String
  package var modelDigest: String
  package var alertThreshold: Double?
  /// Why it is there and what it does; absent where no threshold was chosen.
  package var threshold: ThresholdReport?
  package var threads: Int
  package var seed: UInt64

  private enum CodingKeys: String, CodingKey {
    case rows, columns, categories, positives, rounds, trees, leaves, split, test, detectors,
      threads, seed
    case threshold, search
    case leftOut = "left_out"
    case scoreMeaning = "score_meaning"
    case binSeconds = "bin_s"
    case fitSeconds = "fit_s"
    case perSource = "per_source"
    case perScenario = "per_scenario"
    case perMonth = "per_month"
    case permutationImportance = "permutation_importance"
    case featureImportance = "feature_importance"
    case featureDigest = "feature_digest"
    case modelDigest = "model_digest"
    case alertThreshold = "alert_threshold"
  }

  package init(
    _ fitted: TrainedModel, rows: Int, positives: Int?, split: Split, test: QualityReport,
    seed: UInt64
  ) {
    let model = fitted.model
    self.rows = rows
    columns = model.features.count
    if !model.categories.isEmpty {
      categories = Dictionary(
        zip(model.features, model.categories).filter { !$1.isEmpty }.map { ($0, $1.count) },
        uniquingKeysWith: { first, _ in first })
    }
    self.positives = positives
    binSeconds = fitted.binSeconds
    fitSeconds = fitted.fitSeconds
    rounds = fitted.rounds
    trees = model.forest.treeCount
    leaves = model.forest.leafCount
    self.split = split
    self.test = test
    featureImportance = TrainingReport.importance(of: model)
    scoreMeaning = model.meaning.rawValue
    featureDigest = model.featureDigest
    modelDigest = model.digest
    alertThreshold = model.alertThreshold
    threshold = fitted.threshold
    threads = fitted.threads
    self.seed = seed
  }

  private static func importance(of model: Model) -> [Importance] {
    zip(model.features, model.forest.importance).filter { $0.1 > 0 }
      .map { Importance(feature: $0.0, gain: $0.1) }
      .sorted { ($1.gain, $0.feature) < ($0.gain, $1.feature) }
  }
}
