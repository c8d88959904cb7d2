package import Cases
package import Primitives
package import Store

/// What people do with an alert. Each gives the alert as it then stands.
extension Control {
  package func acknowledge(_ id: String, note: String? = nil) throws(Failure) -> StoredAlert {
    try store(.change).acknowledge(id, note: try checked(note))
  }

  package func start(_ id: String, note: String? = nil) throws(Failure) -> StoredAlert {
    try store(.change).start(id, note: try checked(note))
  }

  /// Gives the alert to somebody; to nobody where `name` is missing.
  package func assign(
    _ id: String, to name: String?, note: String? = nil
  ) throws(Failure) -> StoredAlert {
    if let name, name.isEmpty || name.unicodeScalars.count > 100 || safe(name) != name {
      throw Failure(
        .usage, "'\(AlertCard.shown(name))' names nobody",
        advice: "give a name of 1 to 100 characters, no control characters")
    }
    return try store(.change).assign(id, to: name, note: try checked(note))
  }

  package func note(_ id: String, _ text: String) throws(Failure) -> StoredAlert {
    guard !text.isEmpty else {
      throw Failure(.usage, "the note is empty", advice: "say in a few sentences what was found")
    }
    return try store(.change).note(id, try checked(text) ?? text)
  }

  /// A note that may stand beside a change; missing where it is empty.
  func checked(_ note: String?) throws(Failure) -> String? {
    guard let note, !note.isEmpty else { return nil }
    guard note.utf8.count <= 10_000 else {
      throw Failure(
        .usage, "the note is longer than 10000 bytes",
        advice: "say in a few sentences what was found")
    }
    return note
  }

  package func history(_ id: String) throws(Failure) -> AlertHistory {
    try store(.readOnly).history(id)
  }

  /// Findings that are counted with an alert, newest first.
  package func suppressed(
    with alert: StoredAlert, limit: Int
  ) throws(Failure) -> [SuppressedFinding] {
    try store(.readOnly).suppressed(withAlert: alert.alert.id, limit: limit)
  }
}
