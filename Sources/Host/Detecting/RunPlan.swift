import Cases
import Detection
import Learning
import Plugins
import Primitives

/// Everything that a pass over events is decided by.
struct RunPlan {
  var schema: Schema
  var interner: Interner
  /// What is computed of every event: the model's features, or the standard ones.
  var set: FeatureSet
  var rules: [Rule]
  var policy: Judge.Policy
  var judging: Judge.Settings
  var model: (file: Model, name: String)?
  var allowedLateness: TimeSpan
  /// Events before this fill the windows and are not judged.
  var judgeFrom: Timestamp = .distantPast
}

/// What a pass hands on as it goes: alerts in order, each with its evidence.
protocol RunOutput {
  mutating func raised(_ alert: Alert, frozen: FrozenEvidence) throws(Failure)
  mutating func joined(_ joined: Joined) throws(Failure)
  /// A batch has been judged: what it led to becomes lasting now.
  mutating func batchEnded() throws(Failure)
  /// One event with its score (missing without a model) and the rules that fired on it.
  mutating func scored(
    _ batch: EventBatch, row: Int, score: Double?, rules: [String]
  ) throws(Failure)
  var wantsScores: Bool { get }
}
