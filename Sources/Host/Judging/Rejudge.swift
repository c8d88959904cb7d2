import Cases
import Detection
import Learning
import Plugins
import Primitives

/// Judges a kept event again as it could have been, by the rules and the model that are installed now.
struct Rejudge: Rejudging {
  let quantities: Quantities
  let facts: [FrozenJudgement.Fact]
  /// Facts of what found the event.
  let causes: Range<Int>
  private(set) var candidates: Candidates
  private var rules: [JudgedRule] = []
  private let model: JudgedModel?
  private let series: JudgedSeries?
  private let lists: ListBook

  /// What is remembered and not kept with the alert.
  struct Memory {
    /// The series as it was before the event; missing where none found it.
    var series: CounterfactualMemory.Series?
    /// By rule, what it was asked before.
    var calls: [String: [RuleCall]] = [:]
  }

  /// - Parameters:
  ///   - rules: those to ask, each with what it saw; one whose fixed conditions fail is never asked.
  ///   - runners: who asks the Lua of rules.
  init(
    _ kept: FrozenJudgement, rules asked: [(rule: Rule, kept: FrozenJudgement.Ruling)],
    model: CounterfactualDesk.LoadedModel?, runners: RunnerShelf, lists: ListBook,
    memory: Memory = Memory()
  ) {
    self.lists = lists
    series = memory.series.map { JudgedSeries($0.detector, kept.event) }
    // What found the event stands first.
    let asked = asked.filter(\.kept.fired) + asked.filter { !$0.kept.fired }
    let modelFirst = model != nil && kept.model?.found == true
    let scored = model == nil ? [] : kept.model?.facts ?? []
    var facts: [FrozenJudgement.Fact] = []
    var starts: [Int] = []
    var modelStart = 0
    for (_, ruling) in asked where ruling.fired {
      starts.append(facts.count)
      facts += ruling.facts
    }
    if modelFirst {
      modelStart = facts.count
      facts += scored
    }
    causes = facts.indices
    for (_, ruling) in asked where !ruling.fired {
      starts.append(facts.count)
      facts += ruling.facts
    }
    if !modelFirst {
      modelStart = facts.count
      facts += scored
    }
    var numbers: [String: Bool] = [:]
    for (rule, ruling) in asked {
      var read = (rule.on + rule.when).map(\.name)
      if rule.hasDetect { read += kept.event.fields.keys }
      for name in read { numbers[name] = (numbers[name] ?? false) || ruling.fired }
    }
    if series != nil { numbers[SeriesStage.field] = true }
    quantities = Quantities(event: kept.event, facts: facts, causes: causes, numbers: numbers)
    self.facts = facts
    candidates = Candidates(
      cuts: Array(repeating: [], count: facts.count), numberCuts: [:], hasLua: false)
    self.model = model.map { JudgedModel($0, facts: facts, start: modelStart) }
    if let judged = self.model {
      for (column, cuts) in judged.cuts.enumerated() { candidates.cuts[modelStart + column] = cuts }
    }
    if let known = memory.series {
      // The detector cannot be read from outside: what was usual before, and probes between, are tried.
      candidates.hasLua = true
      candidates.numberCuts[SeriesStage.field, default: []] += known.values
    }
    for (index, (rule, ruling)) in asked.enumerated() {
      guard
        let judged = JudgedRule(
          rule, ruling, start: starts[index], quantities: quantities, runners: runners,
          lists: lists, calls: memory.calls[rule.id] ?? [])
      else { continue }
      for condition in judged.conditions {
        switch condition.operand {
        case .fact(let fact): candidates.cuts[fact] += condition.test.bounds
        case .number(let field): candidates.numberCuts[field, default: []] += condition.test.bounds
        case .score, .rarity: break
        }
      }
      if rule.hasDetect { candidates.hasLua = true }
      rules.append(judged)
    }
  }

  /// The rules that fire in a world.
  mutating func firing(_ world: World) -> [String] {
    let score = model?.said(world, quantities) ?? .missing
    let fired = rules.indices.filter {
      rules[$0].fires(world, quantities, score: score)
    }.map { rules[$0].rule.id }
    return fired + (series?.finds(world, quantities) ?? false ? [SeriesStage.ruleID] : [])
  }

  func score(_ world: World) -> Double? {
    model.map { $0.said(world, quantities).number ?? .nan }
  }

  /// Judges with Lua states that know nothing of what was tried before: what a rule keeps in variables of its own must
  /// not have decided.
  mutating func startAnew() { for index in rules.indices { rules[index].startAnew() } }

  mutating func outcome(_ world: World) -> Outcome {
    let margin = model?.margin(world, quantities)
    let score = margin.flatMap { margin in model?.said(margin) } ?? .missing
    var found = model.map { $0.finds(score) ? 1 : 0 } ?? 0
    for index in rules.indices where rules[index].fires(world, quantities, score: score) {
      found += 1
    }
    if series?.finds(world, quantities) ?? false { found += 1 }
    return Outcome(found: found, margin: margin)
  }

  /// Conditions first, then the model, then Lua: the cheapest first.
  mutating func firstClear(_ worlds: [World]) -> Int? {
    for (index, world) in worlds.enumerated() {
      if rules.contains(where: { $0.firesForSure(world, quantities) }) { continue }
      var score = ModelScore.missing
      if let model {
        score = model.said(world, quantities)
        if model.finds(score) { continue }
      }
      if series?.finds(world, quantities) ?? false { continue }
      var isClear = true
      for place in rules.indices where rules[place].fires(world, quantities, score: score) {
        isClear = false
        break
      }
      if isClear { return index }
    }
    return nil
  }
}

/// The detector of a series as it was before the event.
struct JudgedSeries {
  private let detector: SeriesDetector
  private let seconds: Int64

  init(_ detector: SeriesDetector, _ event: EventRecord) {
    self.detector = detector
    seconds = SeriesDetector.seconds(event.time, zone: event.zoneOffsetSeconds)
  }

  func finds(_ world: World, _ quantities: Quantities) -> Bool {
    guard let value = quantities.number(SeriesStage.field, in: world) else { return false }
    var detector = detector
    return detector.observe(value, at: seconds).map(SeriesStage.isFound) ?? false
  }
}

/// The model with what it saw.
struct JudgedModel {
  let model: Model
  /// What each column was compared with in its trees.
  let cuts: [[Double]]
  private let start: Int
  private let end: Int
  private let base: [Float]

  init(_ loaded: CounterfactualDesk.LoadedModel, facts: [FrozenJudgement.Fact], start: Int) {
    model = loaded.model
    self.start = start
    end = start + model.features.count
    base = facts[start..<end].map { Float($0.value ?? .nan) }
    cuts = loaded.cuts
  }

  func finds(_ score: ModelScore) -> Bool {
    guard let threshold = model.alertThreshold, let score = score.number else { return false }
    return score >= threshold
  }

  func said(_ margin: Double) -> ModelScore {
    ModelScore(model.score(margin), isRarity: model.meaning == .rarity)
  }

  func said(_ world: World, _ quantities: Quantities) -> ModelScore {
    said(margin(world, quantities))
  }

  func margin(_ world: World, _ quantities: Quantities) -> Double {
    var row = base
    for setting in world {
      for fact in quantities.levers[setting.lever].touched where fact >= start && fact < end {
        row[fact - start] = Float(quantities.value(fact, in: world))
      }
    }
    return row.withUnsafeBufferPointer { row in
      row.baseAddress.map { model.forest.margin($0) } ?? model.forest.baseMargin
    }
  }

  /// By column, what the trees of a forest compare it with.
  static func thresholds(of forest: Forest) -> [[Double]] {
    var sets = [Set<Float>](repeating: [], count: forest.featureCount)
    // Categories are what an event is: no quantity moves them.
    for node in forest.nodes where !node.isLeaf && !node.isCategorical {
      sets[node.feature].insert(node.threshold)
    }
    return sets.map { $0.map(Double.init).sorted() }
  }
}

/// A rule with what it saw: the conditions that a change can decide, and its Lua.
struct JudgedRule {
  enum Operand {
    case fact(Int)
    case number(String)
    case score, rarity
  }

  let rule: Rule
  let conditions: [(operand: Operand, test: Test)]
  private let start: Int
  private let event: EventRecord
  private let runners: RunnerShelf
  /// Who asks its Lua; missing until it is asked.
  private var runner: RuleRunner?
  /// What it was asked before the event: brought to it, its variables are where they were.
  private let calls: [RuleCall]
  /// Whether the variables are those of before the event.
  private var isFresh = false

  /// Nothing where a condition fails that no change can mend: the rule stays silent.
  init?(
    _ rule: Rule, _ ruling: FrozenJudgement.Ruling, start: Int, quantities: Quantities,
    runners: RunnerShelf, lists: ListBook, calls: [RuleCall] = []
  ) {
    let event = quantities.event
    var conditions: [(Operand, Test)] = []
    for predicate in rule.on + rule.when {
      if let fact = rule.features.firstIndex(where: { $0.name == predicate.name }),
        event.value(named: predicate.name) == .missing
      {
        conditions.append((.fact(start + fact), predicate.test))
      } else if case .number? = event.fields[predicate.name] {
        conditions.append((.number(predicate.name), predicate.test))
      } else if predicate.name == Rule.score, event.fields[Rule.score] == nil {
        conditions.append((.score, predicate.test))
      } else if predicate.name == Rule.rarity, event.fields[Rule.rarity] == nil {
        conditions.append((.rarity, predicate.test))
      } else {
        let value = event.value(named: predicate.name)
        guard predicate.test.accepts(value, lists: { lists.has($0, $1) }) else { return nil }
      }
    }
    self.rule = rule
    self.conditions = conditions.map { (operand: $0.0, test: $0.1) }
    self.start = start
    self.event = event
    self.runners = runners
    self.calls = calls
  }

  mutating func startAnew() {
    guard rule.hasDetect else { return }
    let runner = runners.fresh(rule)
    self.runner = runner
    for call in calls {
      runner.beginBatch()
      do throws(RuleFailure) {
        _ = try runner.finds(call.event, score: call.score) { call.features[$0] }
      } catch {
        // It failed then, too, and is counted by the runner.
        continue
      }
    }
    isFresh = true
  }

  /// Whether it fires whatever Lua and the model say.
  func firesForSure(_ world: World, _ quantities: Quantities) -> Bool {
    !rule.hasDetect && holds(world, quantities, score: nil)
  }

  mutating func fires(_ world: World, _ quantities: Quantities, score: ModelScore) -> Bool {
    guard holds(world, quantities, score: score) else { return false }
    guard rule.hasDetect else { return true }
    if runner?.state != .running || (!calls.isEmpty && !isFresh) { startAnew() }
    isFresh = false
    guard let runner else { preconditionFailure("a rule that was started has somebody to ask it") }
    runner.beginBatch()
    let changed = ChangedEvent(event: event, world: world, quantities: quantities)
    do throws(RuleFailure) {
      return try runner.finds(changed, score: score) { [start] in
        quantities.value(start + $0, in: world)
      }
    } catch {
      // A rule that fails is not one that was cleared.
      return true
    }
  }

  /// Whether all native conditions hold; without a score one that asks for it does not.
  private func holds(_ world: World, _ quantities: Quantities, score: ModelScore?) -> Bool {
    conditions.allSatisfy { condition in
      switch condition.operand {
      case .fact(let fact): condition.test.acceptsNumber(quantities.value(fact, in: world))
      case .number(let field):
        condition.test.acceptsNumber(quantities.number(field, in: world) ?? .nan)
      case .score: score.map { condition.test.acceptsNumber($0.probability) } ?? false
      case .rarity: score.map { condition.test.acceptsNumber($0.rarity) } ?? false
      }
    }
  }
}

/// The kept event with other numbers.
private struct ChangedEvent: JudgedEvent {
  let event: EventRecord
  let world: World
  let quantities: Quantities

  var time: Timestamp { event.time }
  var id: String { event.id }
  var kind: String { event.kind }
  var source: String { event.source }

  func value(of field: String) -> Value {
    if case .number? = event.fields[field], let x = quantities.number(field, in: world) {
      return .number(x)
    }
    return event.fields[field] ?? .missing
  }
}
