import Cases
import Learning

/// Scores beside what is known to be true, over all judged events.
struct ScoredTruth {
  private var margins: [Double] = []
  private var positives: [Bool] = []
  /// Whether every event had a score: a ranking of some events says nothing of a stream.
  private var hasScores = true

  /// Ranks by margin: calibration in steps would tie what the model tells apart.
  mutating func add(margin: Double?, isPositive: Bool) {
    if margin == nil { hasScores = false }
    margins.append(margin ?? 0)
    positives.append(isPositive)
  }

  func quality(detection: DetectionReport) -> DetectReport.Quality {
    let ranking = RankingMetrics(scores: margins, labels: positives)
    return DetectReport.Quality(
      rocAUC: hasScores ? ranking.rocAUC : nil,
      averagePrecision: hasScores ? ranking.averagePrecision : nil,
      baseRate: ranking.baseRate ?? 0, detection: detection)
  }
}
