import Cases
import Detection
import Ingest
import Learning
import Plugins
import Primitives

/// Everything that a pass over events is decided by.
struct RunPlan {
  var schema: Schema
  var interner: Interner
  /// What is computed of every event: the model's features, or the standard ones.
  var set: FeatureSet
  /// What alerts are judged and explained by: the set and the standard features.
  var evidence: FeatureSet
  /// Rules whose fields the run's events carry.
  var rules: [Rule]
  var vocabulary: Vocabulary
  var lists: TextLists
  var policy: Judge.Policy
  var judging: Judge.Settings
  var model: (file: Model, name: String)?
  /// Where the model's file lies, where that is not its name.
  var modelPath: String?
  var allowedLateness: TimeSpan
  /// Which fields of an event name somebody; missing where only its first entity is known.
  var entities: SourceMapping.Entities?
  /// Which fields events usually carried in earlier runs.
  var fields = FieldRecord()
  /// Events before this fill the windows and are not judged.
  var judgeFrom: Timestamp = .distantPast
  /// Runners of rules that were made beforehand, and go on from there.
  var prepared: [RuleRunner] = []
}

/// What a pass hands on as it goes: alerts in order, each with its evidence.
protocol RunOutput {
  /// A batch is about to be judged.
  mutating func batchBegins(_ batch: ReadBatch)
  /// - Parameter line: the alert as a line of `AlertWriter`.
  mutating func raised(_ alert: Alert, line: [UInt8], frozen: FrozenEvidence) throws(Failure)
  mutating func joined(_ joined: Joined) throws(Failure)
  /// A finding that raised no alert of its own, whatever the reason, with what is kept of it.
  mutating func suppressed(_ finding: SuppressedFinding) throws(Failure)
  /// What a mute keeps quiet, before it is handed on as suppressed; where findings are wanted.
  mutating func muted(_ evidence: Evidence, by mute: Mute) throws(Failure)
  /// An event that came too late to be placed by its time; it is not judged.
  mutating func late(_ record: EventRecord, origin: EventOrigin) throws(Failure)
  /// A batch has been judged: what it led to becomes lasting now.
  mutating func batchEnded() throws(Failure)
  /// What was found about one entity on one event, before it is known whether it raises an alert or joins one.
  mutating func found(_ evidence: Evidence, mapping: MappingRow?) throws(Failure)
  /// One event with its score (missing without a model) and the rules that fired on it.
  mutating func scored(
    _ batch: EventBatch, row: Int, score: Double?, rules: [String]
  ) throws(Failure)
  var wantsScores: Bool { get }
  var wantsFindings: Bool { get }
}

extension RunOutput {
  mutating func batchBegins(_ batch: ReadBatch) {}
  mutating func suppressed(_ finding: SuppressedFinding) throws(Failure) {}
  mutating func muted(_ evidence: Evidence, by mute: Mute) throws(Failure) {}
  var wantsFindings: Bool { false }
  mutating func found(_ evidence: Evidence, mapping: MappingRow?) throws(Failure) {}
}

extension RunPlan {
  /// The plan of an installation over the events of one source.
  init(
    installation: Installation, settings: Settings, mapping: SourceMapping, schema: Schema,
    interner: Interner, model: (file: Model, name: String)?
  ) throws(Failure) {
    let set =
      try model.map { (model) throws(Failure) in
        try FeatureSets.matching(model.file, mapping: mapping, schema: schema, settings)
      } ?? FeatureSet.standard
    let binding = RuleBinding(
      schema: schema, interner: interner, lists: installation.lists)
    var judging = Judge.Settings()
    judging.joinWithin = settings.dedupWindow
    judging.floodLimit = settings.floodLimit
    self.init(
      schema: schema, interner: interner, set: set,
      evidence: try FeatureSets.evidence(set),
      rules: binding.applicable(installation.plugins.rules), vocabulary: installation.vocabulary,
      lists: installation.lists, policy: installation.policy, judging: judging, model: model,
      allowedLateness: settings.allowedLateness)
    entities = mapping.entities
  }
}
