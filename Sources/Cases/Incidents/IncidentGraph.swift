/// Who is tied to what in an incident: alerts and entities as nodes, what an alert is about or names as edges.
package struct IncidentGraph: Hashable, Sendable {
  package enum Node: Hashable, Sendable {
    case alert(AlertFact)
    case entity(Entity, alerts: Int)

    /// `alert:3f2a…` or `entity:user:ana`, unique in the graph.
    package var id: String {
      switch self {
      case .alert(let fact): Node.id(ofAlert: fact.id)
      case .entity(let entity, _): Node.id(of: entity)
      }
    }

    package static func id(ofAlert id: String) -> String { "alert:\(id)" }

    /// A field's name has no colon.
    package static func id(of entity: Entity) -> String {
      "entity:\(entity.field):\(entity.value)"
    }
  }

  package struct Edge: Hashable, Sendable {
    package var alert: String
    package var entity: Entity
    /// It is about the entity, rather than only naming it.
    package var isAbout: Bool
  }

  /// Entities first, the most named before the others; then alerts in order.
  package var nodes: [Node]
  package var edges: [Edge]

  package init(_ incident: IncidentCase) {
    nodes = incident.entities.map { .entity($0.entity, alerts: $0.alerts) }
    nodes += incident.facts.map { .alert($0) }
    edges = incident.facts.flatMap { fact in
      fact.entities.map { Edge(alert: fact.id, entity: $0, isAbout: $0 == fact.entity) }
    }
  }
}
