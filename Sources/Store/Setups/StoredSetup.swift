package import Primitives

/// Plugin files, lists and a model that decide together, on their way into the database.
package struct NewSetup: Hashable, Sendable {
  /// Names the whole: two with the same digest are the same.
  package var digest: String
  /// As alerts carry it.
  package var pluginsDigest: String
  package var parts: [SetupPart]

  package init(digest: String, pluginsDigest: String, parts: [SetupPart]) {
    self.digest = digest
    self.pluginsDigest = pluginsDigest
    self.parts = parts
  }
}

/// One file, rule, list or model of a setup.
package struct SetupPart: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case file, list, model
    /// Its content is that of the file it stands in.
    case rule
  }

  package var kind: Kind
  package var name: String
  /// What is known of it beside its content, such as the entries of a list; an object.
  package var detail: JSONValue
  /// Of its content.
  package var digest: String
  /// Of its content before it was packed.
  package var bytes: Int
  /// False where the content was too large to keep.
  package var isKept: Bool

  package init(
    _ kind: Kind, _ name: String, digest: String, bytes: Int, isKept: Bool = true,
    detail: JSONValue = .object([])
  ) {
    self.kind = kind
    self.name = name
    self.digest = digest
    self.bytes = bytes
    self.isKept = isKept
    self.detail = detail
  }
}

/// What judged a stream from a time on.
package struct SetupInForce: Hashable, Sendable {
  package var setup: Int64
  package var source: String
  /// As in `KeptStream`.
  package var input: String
  /// The stream's time when it judged its first event.
  package var first: Timestamp
  /// When that was written, by the machine's clock.
  package var written: Timestamp
  package var pluginsDigest: String
  /// Of the last kept event of the stream; missing where none is kept.
  package var lastEvent: Timestamp?

  package init(
    setup: Int64, source: String, input: String, first: Timestamp, written: Timestamp,
    pluginsDigest: String, lastEvent: Timestamp?
  ) {
    self.setup = setup
    self.source = source
    self.input = input
    self.first = first
    self.written = written
    self.pluginsDigest = pluginsDigest
    self.lastEvent = lastEvent
  }
}

/// How much of setups a data directory holds.
package struct SetupSizes: Hashable, Sendable {
  /// Times at which one began to judge.
  package var changes: Int
  package var bytes: Int
  /// When the oldest was written.
  package var oldest: Timestamp
}
