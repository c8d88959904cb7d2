import Glibc
import Primitives

/// What judging one found event cost, from its evidence to its verdicts.
struct JudgeTime {
  /// By the clock, and of the thread that judged: less, where others had the processor.
  var wallSeconds: Double
  var processorSeconds: Double
  /// Processor seconds until the last alert was explained and mapped; what comes after is to keep it and hand it on.
  var explainedSeconds: Double
  var findings: Int
  /// Whether an alert was raised; else all its findings joined one.
  var hasRaised: Bool

  struct Clock {
    private let wall = RunMeter.now()
    private let processor = Clock.thread()
    private var explainedAt = 0.0

    /// An alert has been explained and mapped.
    mutating func explained() { explainedAt = Clock.thread() }

    func time(findings: Int, hasRaised: Bool) -> JudgeTime {
      JudgeTime(
        wallSeconds: RunMeter.now() - wall, processorSeconds: Clock.thread() - processor,
        explainedSeconds: max(0, explainedAt - processor), findings: findings, hasRaised: hasRaised)
    }

    /// Processor seconds of this thread.
    private static func thread() -> Double {
      var now = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
      return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }
  }
}
