import Detection
import Foundation
import Ingest
import Primitives
import Testing

/// Real data sets read whole; each test is skipped where its data set is not beside the checkout.
@Suite("Real data")
struct RealDataTests {
  /// Counts of a file without keeping its events.
  private func count(
    _ name: String, _ source: String, each: (EventBatch, Int, Interner) -> Void = { _, _, _ in }
  ) throws -> (statistics: Reader.Statistics, labels: [Label]) {
    let interner = Interner()
    let reader = try Reader(
      inputs: [dataFile(name)], mapping: try shipped(source), interner: interner)
    let batch = EventBatch(schema: reader.schema)
    var labels: [Label] = []
    while try reader.next(into: batch) {
      for row in 0..<batch.count { each(batch, row, interner) }
      labels += reader.drainLabels()
    }
    return (reader.statistics, labels)
  }

  @Test(
    "The handbook's transactions are all events",
    .enabled(if: isThere("fraud_handbook/transactions.csv.zst")))
  func handbook() throws {
    let (statistics, labels) = try count("fraud_handbook/transactions.csv.zst", "card-transactions")
    #expect(statistics.events == 1_169_723)
    #expect(statistics.deadLetterCount == 0)
    #expect(statistics.unreadableValues == 0)
    #expect(Set(labels.map(\.name)) == ["large_amount", "compromised_terminal", "stolen_card"])
    #expect(abs(Double(labels.count) / 1_169_723 - 0.0081) < 0.0001)
    #expect(labels.allSatisfy { $0.entityField == "card" && !$0.eventID.isEmpty })
  }

  @Test(
    "The sshd log tells the 147 failures of one address and its success after them",
    .enabled(if: isThere("ssh_auth_elastic/auth.log.zst")))
  func sshd() throws {
    var outcomes: [String] = []
    let mapping = try shipped("sshd-auth")
    let (statistics, _) = try count("ssh_auth_elastic/auth.log.zst", "sshd-auth") {
      batch, row, interner in
      let event = batch.record(row, interner: interner)
      guard event.kind == "login", event.text("src_ip") == "24.151.103.17",
        event.text("user") == "elastic_user_0", event.time.description.hasPrefix("2017-03-30")
      else { return }
      outcomes.append(event.text("outcome") ?? "")
    }
    #expect(mapping.entities.fields(kind: "login") == ["user", "src_ip"])
    #expect(outcomes.filter { $0 == "failure" }.count == 147)
    #expect(outcomes.last == "success")
    #expect(statistics.records == 7121)
    #expect(statistics.deadLetterCount == 0)
  }

  @Test(
    "Sparkov transactions are all events",
    .enabled(if: isThere("fraud_sparkov_generated/transactions.csv.zst")))
  func sparkov() throws {
    let (statistics, labels) = try count("fraud_sparkov_generated/transactions.csv.zst", "sparkov")
    #expect(statistics.events == 347_460)
    #expect(statistics.deadLetterCount == 0)
    #expect(abs(Double(labels.count) / 347_460 - 0.0108) < 0.0001)
  }

  @Test(
    "Credit-card rows have no entity, and missing values stay missing",
    .enabled(if: isThere("fraud_ulb_partial/creditcard_partial.csv.zst")))
  func creditCard() throws {
    var missing = 0
    var withEntity = 0
    let (statistics, labels) = try count(
      "fraud_ulb_partial/creditcard_partial.csv.zst", "creditcard"
    ) { batch, row, _ in
      if let field = batch.schema.field("v2"), batch.number(row, field.slot).isNaN { missing += 1 }
      if batch.primaryEntity(row) != nil { withEntity += 1 }
    }
    #expect(statistics.events == 10_506)
    #expect(statistics.deadLetterCount == 0)
    #expect(labels.count == 281)
    #expect(missing > 4000)
    #expect(withEntity == 0)
  }

  @Test(
    "IEEE-CIS rows keep their 394 columns and the card as entity",
    .enabled(if: isThere("fraud_ieee_cis_sample/train_transaction_first1500.csv.zst")))
  func ieee() throws {
    var first: EventRecord?
    let (statistics, labels) = try count(
      "fraud_ieee_cis_sample/train_transaction_first1500.csv.zst", "ieee-cis"
    ) { batch, row, interner in
      if first == nil { first = batch.record(row, interner: interner) }
    }
    #expect(statistics.events == 1500)
    #expect(statistics.deadLetterCount == 0)
    #expect(statistics.unreadableValues == 0)
    #expect(labels.count == 31)
    #expect(first?.primaryEntity?.field == "card")
    #expect(first?.primaryEntity?.value == "13926-315.0")
    #expect(first?.number("v130") != nil)
    #expect(first?.time.description == "2017-12-02T00:00:00Z")
  }

  @Test("NAB windows name series", .enabled(if: isThere("nab/combined_windows.json")))
  func nabWindows() throws {
    let labels = try NABLabels.read(dataFile("nab/combined_windows.json"))
    #expect(labels.contains { $0.entity == "art_daily_jumpsup" })
    #expect(labels.allSatisfy { $0.entityField == "series" && $0.start <= $0.end })
    #expect(labels.count == 70)
  }
}
