package import Response
import Scripting

/// An escalation with the place of its function.
package struct EscalationPlugin: Hashable, Sendable {
  package let escalation: Escalation
  package let origin: PluginOrigin

  package var id: String { escalation.id }
  package var file: String { origin.file }
}

/// A playbook with the place of its functions.
package struct PlaybookPlugin: Hashable, Sendable {
  package let playbook: Playbook
  package let origin: PluginOrigin

  package var id: String { playbook.id }
  package var file: String { origin.file }
}
