import Detection
import Glibc
import Learning
import Primitives

/// A model bound to the columns of a run's feature table.
final class Scorer: Sendable {
  let model: Model
  let name: String
  /// Where its file lies; missing where it has none.
  let path: String?
  let digest: String
  /// For each of the model's features, its column in the table.
  let columns: [Int]
  private let explainer: TreeExplainer

  /// - Throws: `Failure(.usage)` where the features that the model was trained on are defined differently here.
  init(
    _ model: Model, name: String, path: String? = nil, set: FeatureSet, plan: FeaturePlan
  ) throws(Failure) {
    guard model.featureDigest == set.digest else {
      throw Failure(
        .usage,
        "the model '\(name)' was trained on other feature definitions than '\(set.name)' has now",
        advice: "train it again, or give the features it was trained on")
    }
    self.model = model
    self.name = name
    self.path = path
    digest = model.digest
    columns = plan.columns(of: set)
    explainer = TreeExplainer(model.forest)
  }

  /// Rows that are made narrow at a time: so few that the room for them stays in the nearest caches.
  private static let block = 256

  /// Margins of rows `first ..< last` of the table.
  func score(
    _ table: FeatureTable, rows: Range<Int>, into margins: UnsafeMutablePointer<Double>
  ) {
    let width = columns.count
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, Scorer.block * width)) {
      scratch in
      guard let narrow = scratch.baseAddress else { return }
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Scorer.block) {
        let count = min(Scorer.block, rows.upperBound - first)
        columns.withUnsafeBufferPointer { columns in
          for place in 0..<count {
            let source = table.row(first + place)
            let target = narrow + place * width
            for feature in 0..<width { target[feature] = Float(source[columns[feature]]) }
          }
        }
        model.forest.margins(narrow, count: count, stride: width, into: margins + first)
      }
    }
  }

  /// The margin of an event about which nothing is known, and what each of the model's features added to it in one row.
  func contributions(
    _ table: FeatureTable, row: Int
  ) -> (bias: Double, contributions: [Double]) {
    let source = table.row(row)
    return explainer.explain(columns.map { Float(source[$0]) })
  }

  /// The share of bad events among those that it was trained on; missing where that is not known.
  var baseRate: Double? {
    guard let trained = model.trainedOn, trained.positives > 0, trained.positives < trained.rows
    else { return nil }
    return Double(trained.positives) / Double(trained.rows)
  }
}
