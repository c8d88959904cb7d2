import Cases
import Detection
import Primitives
import Testing

/// Judges by a forest over the facts and by thresholds, all of them constants.
private struct Constants: Rejudging {
  let quantities: Quantities
  let forest: Forest
  let threshold: Double
  let rules: [[(fact: Int, test: Detection.Test)]]
  var judged = 0

  mutating func outcome(_ world: World) -> Outcome {
    judged += 1
    let row = (0..<quantities.factCount).map { Float(quantities.value($0, in: world)) }
    let margin = row.withUnsafeBufferPointer { row in
      row.baseAddress.map { forest.margin($0) } ?? .nan
    }
    var found = margin >= threshold ? 1 : 0
    for rule in rules {
      let fires = rule.allSatisfy { part in
        part.test.acceptsNumber(quantities.value(part.fact, in: world))
      }
      if fires { found += 1 }
    }
    return Outcome(found: found, margin: margin)
  }

  mutating func firstClear(_ worlds: [World]) -> Int? {
    for (index, world) in worlds.enumerated() where outcome(world).isClear { return index }
    return nil
  }

  var candidates: Candidates {
    var cuts = [[Double]](repeating: [], count: quantities.factCount)
    for node in forest.nodes where !node.isLeaf {
      cuts[node.feature].append(Double(node.threshold))
    }
    for rule in rules { for part in rule { cuts[part.fact] += part.test.bounds } }
    return Candidates(cuts: cuts, numberCuts: [:], hasLua: false)
  }
}

struct CounterfactualTests {
  private static let hour = TimeSpan.hours(1)
  private static let day = TimeSpan.hours(24)

  /// A random judgement of an event of whole numbers, small enough to be tried out whole.
  ///
  /// - Parameter field: what the event's number is called; a measured one has hundredths.
  private func random(
    _ random: inout SeededRandom, field: String = "bytes"
  ) throws -> Constants {
    let bytes =
      field == "bytes" ? Double(random.below(100) + 1) : Double(random.below(20))
    let event = EventRecord(
      time: afternoon, id: "e", source: "s", kind: "k",
      fields: ["user": .text("u"), field: .number(bytes)], primaryField: "user")
    let inHour = Double(random.below(15) + 1)
    let inDay = inHour + Double(random.below(20))
    let mean = Double(random.below(100) + 1)
    let named: [(FeatureDefinition, Double)] = [
      (.field("bytes"), bytes),
      (.ratioToMean(.primary, of: field, within: Self.day), bytes / mean),
      (.difference(.primary, of: field, order: 1), bytes - Double(random.below(100))),
      (.count(.primary, within: Self.hour), inHour), (.count(.primary, within: Self.day), inDay),
      (.distinct(.primary, of: "host", within: Self.hour), min(inHour, 3)),
      (.isNew(.primary, of: "host"), random.chance(0.5) ? 1 : 0),
      (.calendar(.hourOfDay), 14),
    ]
    let facts = named.enumerated().map { index, pair in
      FrozenJudgement.Fact(
        name: "f\(index)", value: pair.1, move: pair.0.move(on: event, value: pair.1) { _ in nil },
        words: pair.0.words)
    }
    var trees: [DecisionTree] = []
    for _ in 0..<12 {
      var tree = DecisionTree()
      tree.appendLeaf(value: 0, cover: 1)
      var open = [(0, 0)]
      while let (node, depth) = open.popLast() {
        if depth == 3 {
          tree.values[node] = Float(random.normal())
          continue
        }
        let feature = random.below(named.count)
        let left = tree.split(
          node, feature: feature,
          threshold: Float(named[feature].1 * random.uniform(0.2, 1.4)), missingLeft: false,
          gain: 1, leftCover: 1, rightCover: 1)
        open += [(left, depth + 1), (left + 1, depth + 1)]
      }
      trees.append(tree)
    }
    let forest = try Forest(featureCount: named.count, baseMargin: 0, trees: trees)
    let rules = (0..<random.below(3)).map { _ in
      (0...random.below(2)).map { _ -> (fact: Int, test: Detection.Test) in
        let fact = random.below(named.count)
        return (fact, .atLeast(named[fact].1 * random.uniform(0.5, 1)))
      }
    }
    let quantities = Quantities(event: event, facts: facts)
    var judge = Constants(
      quantities: quantities, forest: forest, threshold: .infinity, rules: rules)
    let margin = judge.outcome([]).margin ?? 0
    judge = Constants(
      quantities: quantities, forest: forest, threshold: margin - random.uniform(0.1, 3),
      rules: rules)
    return judge
  }

  /// Every value that a quantity could have, in its decimals.
  private func every(_ lever: Quantities.Lever) -> [Double] {
    if lever.decimals == 0 {
      return stride(from: lever.least, through: min(lever.most, 500), by: 1).filter {
        $0 != lever.value
      }
    }
    let scale = lever.decimals == 2 ? 100.0 : 1e9
    let steps = (lever.least * scale).rounded(.up)...(min(lever.most, 80) * scale)
    return stride(from: steps.lowerBound, through: steps.upperBound, by: 1).map { $0 / scale }
      .filter { $0 != lever.value }
  }

  @Test("What is said to clear clears, and brute force finds no smaller change of one quantity")
  func smallest() throws { try smallest(of: 80, field: "bytes") }

  @Test("Of a measured number that happens to be whole, hundredths are tried too")
  func smallestMeasured() throws { try smallest(of: 30, field: "load") }

  private func smallest(of rounds: Int, field: String) throws {
    var random = SeededRandom(seed: 6)
    var (alone, together, never) = (0, 0, 0)
    for _ in 0..<rounds {
      var judge = try self.random(&random, field: field)
      let answer = CounterfactualSearch(
        quantities: judge.quantities, candidates: judge.candidates
      ).search(&judge)
      var best = Double.infinity
      for (place, lever) in judge.quantities.levers.enumerated() {
        for value in every(lever) {
          let setting = Setting(lever: place, from: lever.value, to: value)
          if setting.size < best, judge.outcome([setting]).isClear { best = setting.size }
        }
      }
      if best < .infinity {
        alone += 1
        #expect(answer.change.count == 1)
        #expect(answer.change.first?.size == best)
      } else if !answer.change.isEmpty {
        together += 1
        for leftOut in answer.change {
          let rest = answer.change.filter { $0 != leftOut }
          #expect(!judge.outcome(rest).isClear, "no part can be left out")
        }
      } else {
        never += 1
      }
      if !answer.change.isEmpty { #expect(judge.outcome(answer.change).isClear) }
      for other in answer.alternatives { #expect(judge.outcome(other).isClear) }
    }
    #expect(alone > 10 && together > 3, "\(alone) alone, \(together) together, \(never) never")
  }

  @Test(
    "Where two quantities have to change, both are found; brute force over pairs finds no answer that was missed"
  )
  func pairs() throws {
    var random = SeededRandom(seed: 7)
    var missed = 0
    var found = 0
    for _ in 0..<25 {
      var judge = try self.random(&random)
      let answer = CounterfactualSearch(
        quantities: judge.quantities, candidates: judge.candidates
      ).search(&judge)
      if !answer.change.isEmpty {
        found += 1
        continue
      }
      let levers = judge.quantities.levers
      let candidates = judge.candidates
      search: for a in levers.indices {
        for b in levers.indices where b > a {
          for x in candidates.values(of: a, in: judge.quantities) {
            for y in candidates.values(of: b, in: judge.quantities) {
              let world = [
                Setting(lever: a, from: levers[a].value, to: x),
                Setting(lever: b, from: levers[b].value, to: y),
              ]
              if judge.outcome(world).isClear {
                missed += 1
                break search
              }
            }
          }
        }
      }
    }
    #expect(missed == 0 && found > 8, "\(missed) missed, \(found) found")
  }

  @Test("Lua's constants are found by closing in, to the cent")
  func closingIn() {
    struct Opaque: Rejudging {
      let quantities: Quantities
      mutating func outcome(_ world: World) -> Outcome {
        Outcome(found: (quantities.number("amount", in: world) ?? 0) >= 123.45 ? 1 : 0, margin: nil)
      }
      mutating func firstClear(_ worlds: [World]) -> Int? {
        for (index, world) in worlds.enumerated() where outcome(world).isClear { return index }
        return nil
      }
    }
    let event = EventRecord(
      time: afternoon, id: "e", source: "s", kind: "k", fields: ["amount": .number(4285.02)])
    let quantities = Quantities(event: event, facts: [], numbers: ["amount": true])
    var judge = Opaque(quantities: quantities)
    let answer = CounterfactualSearch(
      quantities: quantities, candidates: Candidates(cuts: [], numberCuts: [:], hasLua: true)
    ).search(&judge)
    #expect(answer.change.map(\.to) == [123.44])
    let words = CounterfactualWords(quantities, facts: [])
    #expect(
      answer.change.map { words.change($0).text } == ["an amount of 123.44 instead of 4,285.02"])
  }
}
