import Detection
import Foundation
import Learning
import Primitives

/// Seeded tables with a signal, noise and missing cells.
enum Fixture {
  static func table(
    rows: Int, columns: Int, seed: UInt64, missing: Double = 0.1, positives: Double = 0.3
  ) throws -> (table: NumericTable, labels: [Float]) {
    var random = SeededRandom(seed: seed)
    var values: [Float] = []
    var labels: [Float] = []
    for _ in 0..<rows {
      let label = random.chance(positives)
      for column in 0..<columns {
        let shift = column % 3 == 0 && label ? 1.2 : 0
        let value = random.normal(mean: shift, deviation: 1)
        let shown = column % 4 == 3 ? (value * 2).rounded() : value
        let hidden = column == 0 && label ? missing * 2 : missing
        values.append(random.chance(hidden) ? .nan : Float(shown))
      }
      labels.append(random.chance(0.03) != label ? 1 : 0)
    }
    let names = (0..<columns).map { "f\($0)" }
    return (try NumericTable(names: names, rows: rows, values: values), labels)
  }

  /// A random forest (in the plain sense) with repeated features on a path and lopsided trees; splits on the first
  /// `categorical` features are on categories.
  static func forest(
    features: Int, categorical: Int = 0, trees: Int, depth: Int, random: inout SeededRandom
  ) throws -> Forest {
    var grown: [DecisionTree] = []
    for _ in 0..<trees {
      var tree = DecisionTree()
      tree.appendLeaf(value: 0, cover: Float(random.uniform(50, 100)))
      var open = [(node: 0, depth: 0)]
      while let (node, at) = open.popLast() {
        if at == depth || (at > 0 && random.chance(0.25)) {
          tree.values[node] = Float(random.normal())
          continue
        }
        let cover = tree.covers[node]
        let share = Float(random.uniform(0.05, 0.95))
        let left = tree.split(
          node, feature: random.below(features), threshold: Float(random.normal()),
          missingLeft: random.chance(0.5), gain: Float(random.uniform()), leftCover: cover * share,
          rightCover: cover - cover * share)
        if tree.features[node] < categorical {
          tree.thresholds[node] = 0
          tree.rightCategories[node] = CategorySet(
            (0..<random.below(9)).map { _ in random.below(12) })
        }
        open += [(left, at + 1), (left + 1, at + 1)]
      }
      grown.append(tree)
    }
    return try Forest(featureCount: features, baseMargin: random.normal(), trees: grown)
  }

  static func rows(
    _ count: Int, features: Int, categorical: Int = 0, missing: Double,
    random: inout SeededRandom
  ) -> [Float] {
    (0..<(count * features)).map { index in
      if random.chance(missing) { return .nan }
      if index % features >= categorical { return Float(random.normal()) }
      // Now and then what is no category, or none that a split knows.
      let odd: [Float] = [-1, -0.5, 2.75, 40, 70_000, 3e38, .infinity, -.infinity]
      return random.chance(0.1) ? odd[random.below(odd.count)] : Float(random.below(14))
    }
  }

  static func failure(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch let failure as Failure {
      return failure.description
    } catch {
      return "another error: \(error)"
    }
  }
}

extension Forest {
  func margin(of row: [Float]) -> Double {
    row.withUnsafeBufferPointer { margin($0.baseAddress!) }
  }
}

extension Forest {
  func margin(ofDoubles row: [Double]) -> Double {
    row.withUnsafeBufferPointer { margin($0.baseAddress!) }
  }
}

extension TreeSHAP {
  func attributions(of row: [Float]) -> [Double] {
    var target = [Double](repeating: 0, count: featureCount)
    row.withUnsafeBufferPointer { attribute($0.baseAddress!, into: &target) }
    return target
  }
}

/// The natural logarithm, of Glibc by way of Foundation.
func logarithm(_ x: Double) -> Double { log(x) }

func exponential(_ x: Double) -> Double { exp(x) }
