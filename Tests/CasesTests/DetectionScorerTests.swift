import Cases
import Detection
import Primitives
import Testing

struct DetectionScorerTests {
  private func label(
    _ name: String, _ user: String, from start: Int64, to end: Int64, event: String = ""
  ) -> Label {
    Label(
      entityField: "user", entity: user, start: afternoon + .minutes(start),
      end: afternoon + .minutes(end), type: "anomaly", name: name, severity: 3,
      knownAt: afternoon + .minutes(end), eventID: event)
  }

  private func alert(
    _ id: String, event: String, user: String, at minute: Int64, mapping: String? = nil
  ) -> Alert {
    Alert(
      id: id, time: afternoon + .minutes(minute), eventID: event, source: "s",
      entity: Entity(field: "user", value: user), kind: .rule, rule: "r", score: nil,
      confidence: nil, severity: .low, title: "", message: "", mapping: mapping, incident: "")
  }

  @Test("Incidents are counted, not their rows, and alerts outside them are false")
  func counted() {
    var labels = (1...4).map { label("burst", "ana", from: 0, to: 10, event: "a\($0)") }
    labels += (1...4).map { label("burst", "bob", from: 0, to: 10, event: "b\($0)") }
    labels += [label("drift", "cpu", from: 100, to: 200)]
    // A row that stands twice changes nothing.
    labels.append(labels[0])
    var scorer = DetectionScorer(labels)
    scorer.add(alert("1", event: "a3", user: "ana", at: 6, mapping: "takeover"))
    // On the entity during the incident, but on a genuine event: neither a catch nor false.
    scorer.add(alert("2", event: "x", user: "bob", at: 5, mapping: "takeover"))
    scorer.add(alert("3", event: "y", user: "cpu", at: 150, mapping: "wrong"))
    scorer.add(alert("4", event: "z", user: "cpu", at: 201))
    scorer.add(alert("5", event: "z", user: "eve", at: 5))
    let report = scorer.report(expected: ["burst": "takeover", "drift": "degradation"])
    #expect(report.alerts == 5 && report.falseAlerts == 2 && report.precision == 0.6)
    #expect(
      report.scenarios == [
        DetectionReport.Scenario(
          name: "burst", injected: 2, caught: 1,
          firstEvent: 3, secondsToDetect: 360,
          mappedRight: 1),
        DetectionReport.Scenario(
          name: "drift", injected: 1, caught: 1,
          firstEvent: nil,
          secondsToDetect: 3000, mappedRight: 0),
      ])
    #expect(report.scenarios[0].recall == 0.5)
    #expect(report.scenarios[0].interval == WilsonInterval(successes: 1, trials: 2))
  }

  @Test("What an incident was called first counts, whatever it is called later")
  func calledFirst() {
    let labels = (1...3).map { label("burst", "ana", from: 0, to: 10, event: "a\($0)") }
    var wrongFirst = DetectionScorer(labels)
    wrongFirst.add(alert("1", event: "a1", user: "ana", at: 1, mapping: "other"))
    wrongFirst.add(alert("2", event: "a2", user: "ana", at: 2, mapping: "takeover"))
    #expect(wrongFirst.report(expected: ["burst": "takeover"]).scenarios[0].mappedRight == 0)
    var rightFirst = DetectionScorer(labels)
    rightFirst.add(alert("1", event: "a2", user: "ana", at: 2, mapping: "other"))
    rightFirst.add(alert("2", event: "a1", user: "ana", at: 1, mapping: "takeover"))
    #expect(rightFirst.report(expected: ["burst": "takeover"]).scenarios[0].mappedRight == 1)
  }

  @Test("A finding that joined an alert catches for it")
  func joined() {
    var scorer = DetectionScorer([label("burst", "ana", from: 0, to: 10, event: "a1")])
    scorer.add(alert("1", event: "before", user: "ana", at: -5))
    #expect(scorer.report().falseAlerts == 1)
    scorer.add(
      Joined(
        alertID: "1", findingID: "f", eventID: "a1", time: afternoon,
        entity: Entity(field: "user", value: "ana"), mapping: nil, count: 1, severity: .low))
    let report = scorer.report()
    #expect(report.alerts == 1 && report.falseAlerts == 0)
    #expect(report.scenarios[0].caught == 1 && report.scenarios[0].mappedRight == nil)
  }

  @Test("Times and places are medians over the caught incidents")
  func medians() {
    var labels: [Label] = []
    for user in ["a", "b", "c", "d"] {
      labels += (1...9).map { label("burst", user, from: 0, to: 60, event: "\(user)\($0)") }
    }
    var scorer = DetectionScorer(labels)
    scorer.add(alert("1", event: "a2", user: "a", at: 2))
    scorer.add(alert("2", event: "b5", user: "b", at: 9))
    scorer.add(alert("3", event: "c9", user: "c", at: 30))
    scorer.add(alert("4", event: "c6", user: "c", at: 10))
    let scenario = scorer.report().scenarios[0]
    #expect(scenario.injected == 4 && scenario.caught == 3)
    #expect(scenario.firstEvent == 5 && scenario.secondsToDetect == 540)
  }

  @Test("Nothing to count gives nothing, not zero")
  func empty() {
    let report = DetectionScorer([]).report(expected: ["x": "y"])
    #expect(report.scenarios.isEmpty && report.precision == nil)
    let missed = DetectionScorer([label("burst", "ana", from: 0, to: 1)]).report().scenarios[0]
    #expect(missed.recall == 0 && missed.firstEvent == nil && missed.secondsToDetect == nil)
  }
}
