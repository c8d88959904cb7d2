import Cases
import Detection
import Foundation
import Primitives
import Testing

struct FindingGroupsTests {
  private let ana = (field: "user", value: Symbol(rawValue: 1))
  private let desk = (field: "terminal", value: Symbol(rawValue: 1))

  private func found(_ id: String, _ entity: (field: String, value: Symbol)? = nil) -> Finding {
    Finding(
      row: 0, origin: id == "model" ? .model : .rule(id: id), severity: .low, title: id,
      message: "", entity: entity)
  }

  private func names(_ groups: [FindingGroup]) -> [String] {
    groups.map { group in
      "\(group.entity?.field ?? "-"): " + group.findings.map(\.title).joined(separator: " ")
    }
  }

  @Test("Findings are parted by whom they are about; the model's goes with the first entity")
  func parted() {
    let all = [found("model"), found("a", desk), found("b"), found("c", ana), found("d", desk)]
    #expect(names(all.parted(primary: ana)) == ["terminal: a d", "user: b c model"])
  }

  @Test("The model's finding goes with a rule's where no rule is about the first entity")
  func modelElsewhere() {
    let all = [found("model"), found("a", desk)]
    #expect(names(all.parted(primary: ana)) == ["terminal: a model"])
    #expect(names([found("model")].parted(primary: ana)) == ["user: model"])
    #expect(names([found("model"), found("a")].parted(primary: nil)) == ["-: a model"])
    #expect([Finding]().parted(primary: ana).isEmpty)
  }
}

struct OwnersTests {
  @Test("Owners are known by key, with what people call them and their time to respond")
  func directory() throws {
    let text = """
      {"owners": {"a": {"name": "Team A", "contact": "a@example.com", "sla_minutes": 15},
        "b": {"name": "B", "contact": "", "sla_minutes": 9223372036854775807}}}
      """
    let owners = try JSONDecoder().decode(Owners.self, from: Data(text.utf8))
    #expect(owners["a"] == Owner(name: "Team A", contact: "a@example.com", slaMinutes: 15))
    #expect(owners["a"]?.slaSeconds == 900 && owners["b"]?.slaSeconds == nil)
    #expect(owners.name(of: "a") == "Team A" && owners.name(of: "zz") == "zz")
    #expect(Owner(name: "", contact: "", slaMinutes: -1).slaSeconds == nil)
  }
}
