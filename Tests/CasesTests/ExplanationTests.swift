import Cases
import Detection
import Primitives
import Testing

struct ExplanationTests {
  private var seen: Evidence {
    var seen = evidence(found: [modelFinding()], score: 0.9)
    seen.features = [
      Measurement(name: "event_count_1h", value: 20, normal: 2, spread: 1, count: 30),
      Measurement(name: "metric_mean_24h", value: .nan),
      Measurement(name: "hour_of_day", value: 3, normal: 14, spread: 0.2, count: 30),
      Measurement(name: "odd_one", value: 1.239),
    ]
    seen.contributions = [
      Contribution(feature: "odd_one", value: -0.5),
      Contribution(feature: "event_count_1h", value: 1.5),
      Contribution(feature: "metric_mean_24h", value: 0.25),
      Contribution(feature: "hour_of_day", value: 2),
    ]
    seen.bias = -3
    seen.margin = 0.25
    return seen
  }

  @Test("Only what raised the score is a cause, the largest first, with what is usual")
  func causes() {
    let explanation = Explanation(seen)
    #expect(
      explanation.causes.map { reason in
        var reason = reason
        reason.usual = nil
        return reason
      } == [
        Reason(
          feature: "hour_of_day", value: 3, normal: 14, contribution: 2,
          text: "hour of day 3; usually 14"),
        Reason(
          feature: "event_count_1h", value: 20, normal: 2, contribution: 1.5,
          text: "20 events in the last hour; usually 1 to 3"),
        Reason(
          feature: "metric_mean_24h", value: nil, normal: nil, contribution: 0.25,
          text: "mean amount unknown in the last 24 hours"),
      ])
    #expect(
      explanation.against == [
        Reason(
          feature: "odd_one", value: 1.239, normal: nil, contribution: -0.5, text: "odd_one 1.24")
      ])
    let sum =
      explanation.bias
      + (explanation.causes + explanation.against).compactMap(\.contribution).reduce(0, +)
    #expect(sum == explanation.margin)
  }

  @Test("Contributions that do not sum to the margin are noticed")
  func sums() {
    let contributions = [
      Contribution(feature: "a", value: 1), Contribution(feature: "b", value: 2),
    ]
    #expect(Explanation.sums(contributions, bias: 0.5, to: 3.5))
    #expect(Explanation.sums(contributions, bias: 0.5, to: 3.500_01))
    #expect(!Explanation.sums(contributions, bias: 0.5, to: 3.501))
    #expect(!Explanation.sums(contributions, bias: 0.5, to: .nan))
    #expect(!Explanation.sums([], bias: .infinity, to: 1))
  }

  @Test("Contributions that do not sum to the margin explain nothing, and no sum is shown")
  func mismatch() {
    var wrong = seen
    wrong.margin = (seen.margin ?? 0) + 1
    let explanation = Explanation(wrong)
    #expect(explanation.margin == nil && explanation.against.isEmpty)
    #expect(explanation.causes.allSatisfy { $0.contribution == nil })
    // The leaves of a hostile model: the small one is lost in the sum of the large ones.
    wrong.margin = 0
    wrong.bias = 0
    wrong.contributions = [
      Contribution(feature: "a", value: 0.3), Contribution(feature: "b", value: 1e17),
    ]
    #expect(Explanation(wrong).margin == nil)
  }

  @Test("A rule gives its own features as reasons, before the model's")
  func ruleReasons() {
    var ruled = seen
    ruled.findings = [rule("a"), modelFinding()]
    ruled.ruleFeatures = ["odd_one", "event_count_1h", "odd_one"]
    let causes = Explanation(ruled).causes
    #expect(
      causes.map(\.feature) == ["event_count_1h", "odd_one", "hour_of_day", "metric_mean_24h"])
    #expect(causes.map(\.contribution) == [1.5, nil, 2, 0.25])
    ruled.contributions = []
    ruled.margin = nil
    #expect(Explanation(ruled).causes.map(\.feature) == ["event_count_1h", "odd_one"])
  }

  @Test(
    "What a rule looks at and is as usual is no cause, nor is what a model adds that lets it pass")
  func usual() {
    var ruled = seen
    ruled.findings = [rule("a")]
    ruled.features.append(
      Measurement(name: "devices", value: 1, normal: 1, spread: 0, count: 30))
    ruled.ruleFeatures = ["devices", "event_count_1h"]
    #expect(Explanation(ruled).causes.map(\.feature) == ["event_count_1h"])
    ruled.ruleFeatures = ["devices"]
    #expect(Explanation(ruled).causes.map(\.feature) == ["devices"])
    ruled.ruleFeatures = []
    #expect(Explanation(ruled).causes.isEmpty)
  }

  @Test("A reason that is as usual says so, and what is not known is no reason beside what is")
  func asUsual() {
    var ruled = seen
    ruled.findings = [rule("a")]
    ruled.features = [
      Measurement(name: "devices", value: 2, normal: 2, spread: 1, count: 30),
      Measurement(name: "unknown", value: .nan),
      Measurement(name: "odd_one", value: 1.239),
    ]
    ruled.ruleFeatures = ["devices", "unknown", "odd_one"]
    #expect(Explanation(ruled).causes.map(\.feature) == ["odd_one"])
    ruled.ruleFeatures = ["devices"]
    #expect(Explanation(ruled).causes.map(\.text) == ["devices 2, as usual (1 to 3)"])
    ruled.ruleFeatures = ["unknown"]
    #expect(Explanation(ruled).causes.map(\.feature) == ["unknown"])
  }

  @Test("What a detector measured by itself is a reason with its own words")
  func measured() {
    let words = FeatureWords(
      phrase: "no such event for {n}", unit: FeatureWords.seconds, decimals: 0)
    let finding = Finding(
      row: 0, origin: .rule(id: "t.flat"), severity: .low, title: "Silent", message: "silent",
      measured: Finding.Measured(name: "silence", value: 7200, words: words))
    let reasons = Explanation(
      Evidence(event: evidence().event, entity: nil, findings: [finding])
    ).causes
    #expect(reasons.map(\.feature) == ["silence"])
    #expect(reasons.map(\.text) == ["no such event for 2 h"])
  }

  @Test("Causes that read the same are one, with the sum of what they added")
  func same() {
    var model = seen
    let words = FeatureWords(phrase: "time of day 03:33 UTC", decimals: 2)
    model.features = [
      Measurement(name: "sin_daily", value: 0.8, words: words),
      Measurement(name: "cos_daily", value: 0.6, words: words),
    ]
    model.contributions = [
      Contribution(feature: "sin_daily", value: 1.5),
      Contribution(feature: "cos_daily", value: 0.5),
    ]
    model.margin = -1
    #expect(
      Explanation(model).causes == [
        Reason(
          feature: "sin_daily", value: 0.8, normal: nil, contribution: 2,
          text: "time of day 03:33 UTC")
      ])
  }

  @Test("What is usual is said with the feature's own words and decimals")
  func words() {
    func text(_ name: String, _ value: Double, _ normal: Double?, _ spread: Double?) -> String? {
      var seen = evidence()
      seen.features = [
        Measurement(name: name, value: value, normal: normal, spread: spread, count: 9)
      ]
      seen.ruleFeatures = [name]
      return Explanation(seen).causes.first?.text
    }
    #expect(text("event_count_24h", 9, 4, 4) == "9 events in the last 24 hours; usually up to 8")
    #expect(
      text("daily_amount", 5000, 40, 12.5) == "amount of 5000 in total today; usually 27.5 to 52.5")
    #expect(text("daily_amount", 5000, nil, nil) == "amount of 5000 in total today")
    #expect(text("delta_1", -3, 0, 1) == "amount -3 off the one before; usually -1 to 1")
    #expect(text("mine", 2, 1, 0) == "mine 2; usually 1")
  }

  @Test("A rule's own words are used")
  func ownWords() {
    var seen = evidence()
    seen.features = [
      Measurement(
        name: "logins", value: 20, normal: 1, spread: 1, count: 9,
        words: FeatureWords(phrase: "{n} logins in 5 minutes", decimals: 0))
    ]
    seen.ruleFeatures = ["logins", "forgotten"]
    #expect(
      Explanation(seen).causes.map(\.text) == [
        "20 logins in 5 minutes; usually up to 2", "forgotten unknown",
      ])
  }
}
