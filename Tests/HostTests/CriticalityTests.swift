import Cases
import Foundation
import Primitives
import Testing

@testable import Host

@Suite("How much entities matter") struct CriticalityTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func settings(_ text: String?) throws -> Settings {
    var settings = try shipped(scratch)
    settings.lists = scratch.path + "/lists"
    settings.judgement.criticality = scratch.path + "/criticality.yaml"
    try scratch.write("lists/executives.txt", "ana\nben\n")
    if let text { try scratch.write("criticality.yaml", text) }
    return settings
  }

  private func weights(_ text: String?) throws -> [Double] {
    let of = try Control(settings: try settings(text)).criticality()
    return [("user", "ana"), ("user", "ben"), ("user", "cleo"), ("device", "ana")].map {
      of(Entity(field: $0, value: $1))
    }
  }

  @Test("A value stands for itself, a list for whoever stands in it, all else is 1")
  func read() throws {
    #expect(try weights(nil) == [1, 1, 1, 1])
    #expect(try weights("user:\n  ana: 3\n  in executives: 2\n") == [3, 2, 1, 1])
    #expect(try weights("device:\n  in executives: 0.5\n") == [1, 1, 1, 0.5])
    #expect(try weights("# nothing yet\n") == [1, 1, 1, 1])
    let shipped = try Control(
      settings: try Settings.load(
        path: repository + "/config/moonwatch.yaml", environment: [:])
    ).criticality()
    #expect(shipped(Entity(field: "user", value: "ana")) == 1)
  }

  @Test("Every problem is told with its line")
  func problems() throws {
    let path = scratch.path + "/criticality.yaml"
    #expect(
      failure {
        _ = try weights("user:\n  ana: much\n  ben: 0\n  in executivs: 2\n  in staff: 2\nhost: 3\n")
      } == """
        \(path):2: 'user' 'ana' is no criticality (give a number from 0.1 to 100)
        moonwatch: \(path):3: 'user' 'ben' is no criticality (give a number from 0.1 to 100)
        moonwatch: \(path):4: unknown list 'executivs' (did you mean 'executives'?)
        moonwatch: \(path):5: unknown list 'staff' (write staff.txt into \(scratch.path)/lists)
        moonwatch: \(path):6: 'host' holds no values (write 'VALUE: 2' or 'in LIST: 2' under it)
        """)
    #expect(
      failure { _ = try weights("- user\n") }
        == "\(path):1: these are no fields (write a field, and under it 'VALUE: 2' or 'in LIST: 2')"
    )
  }

  @Test("What alerts are weighed by is set in the file, and refused with what to write instead")
  func settings() throws {
    var judgement = JudgementSettings()
    let good = [
      "criticality": "c.yaml", "risk.half_life": "3 days", "risk.amber_from": "10",
      "risk.red_from": "20", "incidents.within": "2 hours", "incidents.at_most": "1 day",
      "incidents.most_subjects": "3", "ledger.minutes_per_alert": "5",
      "ledger.usd_per_hour": "61.07", "ledger.friction_usd": "0", "ledger.unattended": "30 min",
      "ledger.retire_after": "7", "queue.budget": "20", "queue.per": "day",
    ]
    #expect(Set(good.keys) == Set(JudgementSettings.keys))
    for (key, value) in good { #expect(judgement.set(key, value) == nil, "\(key)") }
    #expect(judgement.risk.halfLife == .days(3))
    #expect(judgement.ledger.hourly == Cents(61_07))
    #expect(judgement.incidents.lull == .minutes(30))
    for key in JudgementSettings.keys where key != "criticality" {
      for value in ["-1", "x", "nan", "0 days", "1e99", "99999999 weeks"] {
        let before = judgement
        #expect(judgement.set(key, value)?.hasPrefix("give ") == true, "\(key) \(value)")
        #expect(judgement == before)
      }
    }
  }
}
