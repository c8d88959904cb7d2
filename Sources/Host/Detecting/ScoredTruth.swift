import Cases
import Learning

/// Scores beside what is known to be true, over all judged events.
struct ScoredTruth {
  private var margins: [Double] = []
  private var positives: [Bool] = []
  private var hasScores = false

  /// Ranks by margin: calibration in steps would tie what the model tells apart.
  mutating func add(margin: Double?, isPositive: Bool) {
    if margin != nil { hasScores = true }
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
