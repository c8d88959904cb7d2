package import Detection
package import Primitives

/// The findings of one event about one entity; missing where the event has none.
package struct FindingGroup: Sendable {
  package var entity: (field: String, value: Symbol)?
  package var findings: [Finding]
}

extension Sequence<Finding> {
  /// Findings of one event, parted by the entity that they are about, in order of first appearance.
  ///
  /// A rule that names no entity means the event's first one. What the model found belongs to the first entity too, but
  /// goes with the first rule's where no rule is about that: one event should not be told twice.
  package func parted(primary: (field: String, value: Symbol)?) -> [FindingGroup] {
    var groups: [FindingGroup] = []
    func place(of entity: (field: String, value: Symbol)?) -> Int? {
      groups.firstIndex {
        $0.entity?.field == entity?.field && $0.entity?.value == entity?.value
      }
    }
    for finding in self where finding.origin != .model {
      let entity = finding.entity ?? primary
      if let known = place(of: entity) {
        groups[known].findings.append(finding)
      } else {
        groups.append(FindingGroup(entity: entity, findings: [finding]))
      }
    }
    for finding in self where finding.origin == .model {
      if groups.isEmpty { groups.append(FindingGroup(entity: primary, findings: [])) }
      groups[place(of: primary) ?? 0].findings.append(finding)
    }
    return groups
  }
}
