import Foundation
import Ingest
package import Primitives
import Synthetic

/// Writes payments of people with habits as event lines, and what is fraud among them in a file of its own.
///
/// Without a start the stream is live: each payment is written when its time has come and bears it. With a start the
/// times begin there and everything is written at once.
package struct ProduceJob: Sendable {
  package struct Options: Sendable {
    /// Payments a second.
    package var rate: Double
    package var seconds: Double
    package var out: String
    /// Missing for a place beside the output.
    package var labels: String?
    package var users: Int?
    package var fraudRate: Double?
    package var seed: UInt64
    package var start: String?

    package init(
      rate: Double, seconds: Double, out: String, labels: String?, users: Int?, fraudRate: Double?,
      seed: UInt64, start: String?
    ) {
      self.rate = rate
      self.seconds = seconds
      self.out = out
      self.labels = labels
      self.users = users
      self.fraudRate = fraudRate
      self.seed = seed
      self.start = start
    }
  }

  package struct Summary: Sendable {
    package var payments = 0
    package var frauds = 0
    package var seconds = 0.0
    package var out = ""
    package var labels = ""
  }

  private static let chunkBytes = 1 << 16
  private let options: Options

  package init(_ options: Options) { self.options = options }

  package func run(progress: some JobProgress) throws(Failure) -> Summary {
    let count = try checkedCount()
    let labelPath = options.labels ?? ProduceJob.labelPath(beside: options.out)
    try OutputFile.requireDistinct([options.out, labelPath], notOver: [])
    let isLive = options.start == nil
    let start = try startTime()
    let output = try LineSink(options.out, isLive: isLive)
    let labels = try OutputFile(labelPath)
    try labels.write(LabelFile.columns.joined(separator: ",") + "\n")
    var stream = PaymentStream(
      users: options.users ?? PaymentStream.defaultUsers, rate: options.rate,
      fraudRate: options.fraudRate ?? PaymentStream.defaultFraudRate, seed: options.seed,
      start: start)
    var summary = Summary(out: options.out, labels: labelPath)
    var chunk: [UInt8] = []
    chunk.reserveCapacity(ProduceJob.chunkBytes + 1024)
    let began = RunMeter.now()
    progress.begin("produce", total: count)
    for number in 0..<count {
      let payment = stream.next()
      if isLive { try wait(for: payment.time, since: start, began: began, &chunk, output) }
      stream.append(payment, to: &chunk)
      if let fraud = payment.fraud {
        summary.frauds += 1
        try labels.write(ProduceJob.label(payment, fraud))
      }
      if chunk.count >= ProduceJob.chunkBytes {
        try output.write(&chunk)
        progress.advance(to: number + 1)
      }
    }
    try output.write(&chunk)
    try output.finish()
    try labels.finish()
    summary.payments = count
    summary.seconds = RunMeter.now() - began
    progress.end("")
    return summary
  }

  private func checkedCount() throws(Failure) -> Int {
    func refuse(_ what: String, _ advice: String) -> Failure {
      Failure(.usage, what, advice: advice)
    }
    guard options.rate > 0, options.rate <= 1e9 else {
      throw refuse("--tps is \(options.rate)", "give payments a second, above 0")
    }
    guard options.seconds > 0, let count = Int(exactly: (options.rate * options.seconds).rounded()),
      (1...10_000_000_000).contains(count)
    else {
      throw refuse(
        "--duration is \(options.seconds)",
        "give seconds, so that there is at least one payment and at most 10,000,000,000")
    }
    if let users = options.users, !(1...50_000_000).contains(users) {
      throw refuse("--users is \(users)", "give 1 to 50,000,000")
    }
    if let share = options.fraudRate, !(0..<1).contains(share) {
      throw refuse("--fraud-rate is \(share)", "give a share, such as 0.005")
    }
    return count
  }

  private func startTime() throws(Failure) -> Timestamp {
    guard let text = options.start else { return WallClock.now() }
    if let time = TimeText.timestamp(text) { return time }
    throw Failure(
      .usage, "--start is '\(text)', not a time", advice: "write it as 2026-03-01T14:00:00Z")
  }

  /// Hands over what is written and sleeps where the payment's time has not come yet.
  private func wait(
    for time: Timestamp, since start: Timestamp, began: Double, _ chunk: inout [UInt8],
    _ output: LineSink
  ) throws(Failure) {
    let due = began + (time - start).seconds
    var now = RunMeter.now()
    if now >= due { return }
    try output.write(&chunk)
    while now < due {
      // Up to a millisecond at once: payments of one millisecond are written together.
      Thread.sleep(forTimeInterval: min(0.05, max(0.001, due - now)))
      now = RunMeter.now()
    }
  }

  private static func label(_ payment: Payment, _ fraud: Payment.Fraud) -> String {
    let time = payment.time.description
    return CSVCell.line([
      "card", payment.card, time, time, "fraud", fraud.name, "5", time, payment.id,
    ])
  }

  /// `payments.jsonl` → `payments.labels.csv`; `produce.labels.csv` for standard output.
  private static func labelPath(beside out: String) -> String {
    if out == "-" { return "produce.labels.csv" }
    return (out.hasSuffix(".jsonl") ? String(out.dropLast(6)) : out) + ".labels.csv"
  }
}
