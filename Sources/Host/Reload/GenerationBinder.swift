import Detection
import Plugins
import Primitives

/// Binds generations to a run: names to slots and columns, texts to symbols.
///
/// It works on the thread that reads, which is the one that interns, and hands the result on with the next batch.
final class GenerationBinder: @unchecked Sendable {
  // Unchecked: after `init` only the thread that reads uses it.
  private let schema: Schema
  private let interner: Interner
  private let mailbox: GenerationMailbox
  private var columns: [FeatureDefinition: Int]
  private var count: Int

  /// - Parameter definitions: what the run computes, by column.
  init(
    schema: Schema, interner: Interner, definitions: [FeatureDefinition],
    mailbox: GenerationMailbox
  ) {
    self.schema = schema
    self.interner = interner
    self.mailbox = mailbox
    columns = Dictionary(
      definitions.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    count = definitions.count
  }

  /// The generation that waits; missing where none does.
  func next() -> BoundGeneration? { mailbox.take().map(bind) }

  func bind(_ generation: Generation) -> BoundGeneration {
    let binding = RuleBinding(
      schema: schema, interner: interner, lists: generation.installation.lists)
    let rules = binding.applicable(generation.installation.plugins.rules)
    var bound = BoundGeneration(
      number: generation.number, installation: generation.installation,
      prepared: generation.prepared, rules: [], added: [], emptyWindows: [])
    do {
      var missing: [FeatureDefinition] = []
      for feature in rules.flatMap(\.features)
      where columns[feature.definition] == nil && !missing.contains(feature.definition) {
        missing.append(feature.definition)
        bound.emptyWindows.append(feature.name)
      }
      for companion in missing.flatMap(\.companions)
      where columns[companion] == nil && !missing.contains(companion) { missing.append(companion) }
      if !missing.isEmpty {
        let plan = try FeaturePlan(features: missing, schema: schema, interner: interner)
        for (place, definition) in plan.definitions.enumerated() {
          columns[definition] = count + place
        }
        count += plan.columns
        bound.added = [plan]
      }
      for rule in rules { bound.rules.append(try binding.bind(rule) { column(of: $0) }) }
    } catch {
      preconditionFailure("a rule that is applicable to a run can be bound to it: \(error)")
    }
    return bound
  }

  private func column(of definition: FeatureDefinition) -> Int {
    guard let column = columns[definition] else {
      preconditionFailure("every feature of a bound rule has a column")
    }
    return column
  }
}
