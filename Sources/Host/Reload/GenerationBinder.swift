import Detection
import Plugins
import Primitives
import Synchronization

/// Binds generations to a run: names to slots and columns, texts to symbols.
///
/// It works on the thread that reads, which is the one that interns, and hands the result on with the next batch. Any
/// thread may ask what a generation has that the run has not.
final class GenerationBinder: Sendable {
  private let schema: Schema
  private let interner: Interner
  private let mailbox: GenerationMailbox
  /// What windows that were filled beforehand are put into.
  private let frame: Refill.Frame?
  private let known: Mutex<Known>

  private struct Known {
    var columns: [FeatureDefinition: Int]
    var count: Int
    /// What the rules that were bound last wait for, by id.
    var patterns: [String: EventPattern]
  }

  /// - Parameters:
  ///   - definitions: what the run computes, by column.
  ///   - rules: those that judge in it.
  init(
    schema: Schema, interner: Interner, definitions: [FeatureDefinition], rules: [Rule] = [],
    mailbox: GenerationMailbox, frame: Refill.Frame? = nil
  ) {
    self.schema = schema
    self.interner = interner
    self.mailbox = mailbox
    self.frame = frame
    known = Mutex(
      Known(
        columns: Dictionary(
          definitions.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }),
        count: definitions.count, patterns: GenerationBinder.patterns(rules)))
  }

  private static func patterns(_ rules: [Rule]) -> [String: EventPattern] {
    Dictionary(
      rules.compactMap { rule in rule.pattern.map { (rule.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// What a generation has and the run has not.
  struct Missing {
    /// With what has to be computed beside them.
    var definitions: [FeatureDefinition] = []
    /// Those of rules, with their names.
    var windows: [(name: String, definition: FeatureDefinition)] = []
    /// Rules that wait for something new.
    var waiting: [Rule] = []

    var isEmpty: Bool { definitions.isEmpty && waiting.isEmpty }

    /// How far back events decide it; missing where any that ever was may. What became of an earlier pattern says
    /// which events a later one is made of.
    var reach: TimeSpan? {
      if !waiting.isEmpty { return nil }
      let all = definitions.map(\.reach)
      return all.contains(nil) ? nil : all.compactMap { $0 }.max()
    }
  }

  /// For any thread, before the generation is bound.
  func missing(in generation: Generation) -> Missing {
    let lists = generation.installation.lists
    return missing(
      RuleBinding(schema: schema, interner: Interner(), lists: lists)
        .applicable(generation.installation.plugins.rules))
  }

  private func missing(_ rules: [Rule]) -> Missing {
    known.withLock { known in
      var missing = Missing()
      for feature in rules.flatMap(\.features)
      where known.columns[feature.definition] == nil
        && !missing.definitions.contains(feature.definition)
      {
        missing.definitions.append(feature.definition)
        missing.windows.append((feature.name, feature.definition))
      }
      for companion in missing.definitions.flatMap(\.companions)
      where known.columns[companion] == nil && !missing.definitions.contains(companion) {
        missing.definitions.append(companion)
      }
      missing.waiting = rules.filter { rule in
        rule.pattern.map { known.patterns[rule.id] != $0 } ?? false
      }
      return missing
    }
  }

  /// The generation that waits; missing where none does.
  func next() -> BoundGeneration? { mailbox.take().map(bind) }

  func bind(_ generation: Generation) -> BoundGeneration {
    let binding = RuleBinding(
      schema: schema, interner: interner, lists: generation.installation.lists)
    let rules = binding.applicable(generation.installation.plugins.rules)
    let missing = missing(rules)
    var bound = BoundGeneration(
      number: generation.number, installation: generation.installation,
      prepared: generation.prepared, rules: [], added: [], windows: missing.windows)
    do {
      if let state = generation.refill, let frame {
        bound.refill = (
          try Refill(state, rules, lists: generation.installation.lists.book, frame), state.tap
        )
      }
      if !missing.definitions.isEmpty {
        let plan =
          try bound.refill?.filled.features.plan
          ?? FeaturePlan(features: missing.definitions, schema: schema, interner: interner)
        known.withLock { known in
          for (place, definition) in plan.definitions.enumerated()
          where known.columns[definition] == nil {
            known.columns[definition] = known.count + place
          }
          known.count += plan.columns
        }
        bound.added = [plan]
      }
      known.withLock { $0.patterns = GenerationBinder.patterns(rules) }
      for rule in rules { bound.rules.append(try binding.bind(rule) { column(of: $0) }) }
    } catch {
      preconditionFailure("a rule that is applicable to a run can be bound to it: \(error)")
    }
    return bound
  }

  private func column(of definition: FeatureDefinition) -> Int {
    guard let column = known.withLock({ $0.columns[definition] }) else {
      preconditionFailure("every feature of a bound rule has a column")
    }
    return column
  }
}
