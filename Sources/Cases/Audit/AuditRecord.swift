import Crypto
package import Primitives

/// A change that somebody made, before it is numbered and sealed.
package struct Change: Hashable, Sendable {
  /// What was done, such as `alert.close`.
  package var action: String
  /// What kind of thing it was done to, such as `alert`, and which one.
  package var kind: String
  package var subject: String
  /// What it was and what it became; missing where it was made or is gone.
  package var before: JSONValue?
  package var after: JSONValue?
  /// Why, in the words of who did it.
  package var note: String?

  package init(
    _ action: String, _ kind: String, _ subject: String, before: JSONValue? = nil,
    after: JSONValue? = nil, note: String? = nil
  ) {
    self.action = action
    self.kind = kind
    self.subject = subject
    self.before = before
    self.after = after
    self.note = note
  }
}

/// One link of the audit chain: a change with who made it, when, and the seal of all before it.
package struct AuditRecord: Hashable, Sendable {
  /// 1 for the first; no number is left out.
  package var number: Int64
  package var time: Timestamp
  package var actor: Actor
  package var action: String
  package var kind: String
  package var subject: String
  /// JSON.
  package var before: String?
  package var after: String?
  package var note: String?
  /// The seal of the record before; 32 zeros before the first.
  package var previous: [UInt8]
  package var seal: [UInt8]

  package init(
    number: Int64, time: Timestamp, actor: Actor, action: String, kind: String, subject: String,
    before: String?, after: String?, note: String?, previous: [UInt8], seal: [UInt8]
  ) {
    self.number = number
    self.time = time
    self.actor = actor
    self.action = action
    self.kind = kind
    self.subject = subject
    self.before = before
    self.after = after
    self.note = note
    self.previous = previous
    self.seal = seal
  }

  /// As hexadecimal digits.
  package var sealText: String { hexadecimal(seal) }
}

/// The seal of an audit record: SHA-256 over its number, time, texts and the seal before it.
///
/// Number and time are eight bytes, lowest first. Each text is one byte 1, its length in eight bytes and its UTF-8 bytes;
/// a missing one is one byte 0. So no two records give the same bytes, and anybody can compute it again.
package enum AuditSeal {
  package static let first = [UInt8](repeating: 0, count: SHA256.byteCount)

  /// - Parameter texts: kind and name of the actor, the account, action, kind, subject, before, after and note.
  package static func of(
    number: Int64, time: Int64, texts: [[UInt8]?], previous: [UInt8]
  ) -> [UInt8] {
    var hash = SHA256()
    func add(_ number: Int64) {
      withUnsafeBytes(of: number.littleEndian) { hash.update(bufferPointer: $0) }
    }
    hash.update(data: Array("MWAUDIT1".utf8))
    add(number)
    add(time)
    for text in texts {
      guard let text else {
        hash.update(data: [0])
        continue
      }
      hash.update(data: [1])
      add(Int64(text.count))
      hash.update(data: text)
    }
    hash.update(data: previous)
    return Array(hash.finalize())
  }
}
