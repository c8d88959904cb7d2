import Detection
import Foundation
import Primitives

/// Reads LightGBM's text format where it holds boosted trees for `binary` or `regression`, on numbers.
///
/// There a row goes left where its value is at or below a 64-bit threshold. Ours are 32-bit values, for which that is
/// the same as being below the next 32-bit number above the threshold. A tree that saw nothing missing takes a missing
/// value for 0. Covers are numbers of rows, as LightGBM's own attributions take them.
enum LightGBMFile {
  /// Whether the text begins as one of its files does.
  static func matches(_ data: Data) -> Bool { data.starts(with: "tree\n".utf8) }

  static func model(_ data: Data) throws(Failure) -> Model {
    let sections = try sections(data)
    let head = sections[0]
    guard try integer(head, "num_class") == 1, try integer(head, "num_tree_per_iteration") == 1
    else {
      throw Failure(.input, "the model has several outputs", advice: "train one for one output")
    }
    if head.flags.contains("average_output") {
      throw Failure(
        .input, "the model is a random forest, whose trees are averaged",
        advice: "train with boosting=gbdt")
    }
    let (objective, slope) = try objective(head)
    let names = head["feature_names"]?.split(separator: " ").map(String.init) ?? []
    let count = try integer(head, "max_feature_idx") + 1
    guard names.count == count else {
      throw Failure(.input, "the model names \(names.count) of its \(count) features")
    }
    try ModelFile.checkNames(names)
    var trees: [DecisionTree] = []
    for (number, section) in sections.dropFirst().enumerated() {
      trees.append(try tree(section, number: number))
    }
    let forest = try Forest(featureCount: count, baseMargin: 0, trees: trees)
    return Model(
      features: names, featureDigest: Model.featureDigest(ofColumns: names), objective: objective,
      forest: forest, calibration: slope == 1 ? .logistic : .platt(slope: slope, offset: 0))
  }

  // MARK: lines

  /// `key=value` lines up to an empty one.
  private struct Section {
    var values: [Substring: Substring] = [:]
    var flags: Set<Substring> = []
    subscript(key: Substring) -> Substring? { values[key] }
  }

  /// The head and one section a tree.
  private static func sections(_ data: Data) throws(Failure) -> [Section] {
    let text = String(decoding: data, as: UTF8.self)
    var sections = [Section()]
    var ended = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: true).dropFirst() {
      if line == "end of trees" {
        ended = true
        break
      }
      guard let equals = line.firstIndex(of: "=") else {
        sections[sections.count - 1].flags.insert(line)
        continue
      }
      let (key, value) = (line[..<equals], line[line.index(after: equals)...])
      if key == "Tree" {
        guard Int(value) == sections.count - 1 else {
          throw Failure(
            .input, "tree \(sections.count - 1) is named '\(value.prefix(20))'",
            advice: damaged)
        }
        sections.append(Section())
        continue
      }
      guard sections[sections.count - 1].values.updateValue(value, forKey: key) == nil else {
        throw Failure(.input, "'\(key.prefix(40))' comes twice", advice: damaged)
      }
    }
    guard ended else {
      throw Failure(.input, "the file ends before 'end of trees'", advice: damaged)
    }
    return sections
  }

  private static let damaged = "the file is damaged; save the model again"

  private static func integer(_ section: Section, _ key: Substring) throws(Failure) -> Int {
    guard let value = section[key].flatMap({ Int($0) }), (0...Int(Int32.max - 1)).contains(value)
    else {
      throw Failure(.input, "'\(key)' is not a whole number from 0 up", advice: damaged)
    }
    return value
  }

  private static func objective(_ head: Section) throws(Failure) -> (Objective, Double) {
    let words = head["objective"]?.split(separator: " ") ?? []
    switch words.first {
    case "binary":
      for word in words.dropFirst() where word.hasPrefix("sigmoid:") {
        guard let slope = Double(word.dropFirst(8)), slope.isFinite, slope > 0 else {
          throw Failure(.input, "'objective' has the slope '\(word.prefix(40))'", advice: damaged)
        }
        return (.logistic, slope)
      }
      return (.logistic, 1)
    case "regression" where words.count == 1: return (.squaredError, 1)
    default:
      throw Failure(
        .input, "objective '\(words.joined(separator: " ").prefix(60))' is not supported",
        advice: "known: binary, regression")
    }
  }

  // MARK: trees

  private static func numbers<Number>(
    _ section: Section, _ key: Substring, count: Int, tree: Int, _ parse: (Substring) -> Number?
  ) throws(Failure) -> [Number] {
    guard let line = section[key] else {
      throw Failure(.input, "tree \(tree) has no '\(key)'", advice: damaged)
    }
    var numbers: [Number] = []
    for word in line.split(separator: " ") {
      guard let number = parse(word) else {
        throw Failure(
          .input, "tree \(tree): '\(key)' holds '\(word.prefix(40))', not a number", advice: damaged
        )
      }
      numbers.append(number)
    }
    guard numbers.count == count else {
      throw Failure(
        .input, "tree \(tree): '\(key)' has \(numbers.count) entries instead of \(count)",
        advice: damaged)
    }
    return numbers
  }

  private static func finite(_ word: Substring) -> Double? {
    Double(word).flatMap { $0.isFinite ? $0 : nil }
  }

  private static func tree(_ section: Section, number: Int) throws(Failure) -> DecisionTree {
    let leaves = try integer(section, "num_leaves")
    guard (1...(Forest.nodeLimit / 2)).contains(leaves) else {
      throw Failure(.input, "tree \(number) has \(leaves) leaves", advice: damaged)
    }
    if let linear = section["is_linear"], linear != "0" {
      throw Failure(
        .input, "tree \(number) has linear leaves", advice: "train with linear_tree=false")
    }
    if let categories = section["num_cat"], categories != "0" {
      throw Failure(
        .input, "tree \(number) splits on categories", advice: "train on numbers only")
    }
    let values = try numbers(section, "leaf_value", count: leaves, tree: number, finite)
    var tree = DecisionTree()
    if leaves == 1 {
      tree.appendLeaf(value: Float(values[0]), cover: 0)
      return tree
    }
    let splits = leaves - 1
    func whole(_ key: Substring, _ count: Int) throws(Failure) -> [Int] {
      try numbers(section, key, count: count, tree: number) { Int($0) }
    }
    let features = try whole("split_feature", splits)
    let decisions = try whole("decision_type", splits)
    let sides = (try whole("left_child", splits), try whole("right_child", splits))
    let counts = (try whole("internal_count", splits), try whole("leaf_count", leaves))
    let thresholds = try numbers(section, "threshold", count: splits, tree: number, finite)
    let gains = try numbers(section, "split_gain", count: splits, tree: number, finite)
    // Splits come first, in their order, then leaves; −1 stands for leaf 0.
    func place(_ child: Int) throws(Failure) -> Int {
      let place = child >= 0 ? child : splits + (-1 - max(child, -Forest.nodeLimit))
      guard child < splits, place < splits + leaves else {
        throw Failure(.input, "tree \(number) leads to node \(child)", advice: damaged)
      }
      return place
    }
    for split in 0..<splits {
      let kind = (decisions[split] >> 2) & 3
      guard (0...15).contains(decisions[split]), decisions[split] & 1 == 0, kind != 1, kind != 3
      else {
        throw Failure(
          .input, "tree \(number), node \(split): decision type \(decisions[split])",
          advice: "train on numbers only, with zero_as_missing=false")
      }
      tree.appendLeaf(value: 0, cover: Float(max(counts.0[split], 0)))
      tree.features[split] = features[split]
      tree.thresholds[split] = above(thresholds[split])
      tree.lefts[split] = try place(sides.0[split])
      tree.rights[split] = try place(sides.1[split])
      tree.missingLeft[split] = kind == 0 ? thresholds[split] >= 0 : decisions[split] & 2 != 0
      tree.gains[split] = Float(max(min(gains[split], 1e38), -1e38))
    }
    for leaf in 0..<leaves {
      tree.appendLeaf(value: Float(values[leaf]), cover: Float(max(counts.1[leaf], 0)))
    }
    return tree
  }

  /// The least 32-bit number above a threshold; the largest finite one where there is none.
  private static func above(_ threshold: Double) -> Float {
    let near = Float(threshold)
    let least = Double(near) > threshold ? near : near.nextUp
    return min(max(least, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }
}
