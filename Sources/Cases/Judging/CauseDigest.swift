import Crypto
import Detection
import Primitives

/// Fingerprints of what caused something: equal causes give equal ids in every run and on every machine.
struct CauseDigest {
  /// Put together first: a hash that is fed piece by piece costs more than all the pieces at once.
  private var parts: [UInt8] = []

  /// Each part goes in with its length, so that no two lists of parts look the same joined.
  mutating func add(_ part: String?) {
    guard var text = part else {
      add(length: -1)
      return
    }
    text.withUTF8 { bytes in
      add(length: Int64(bytes.count))
      parts.append(contentsOf: bytes)
    }
  }

  private mutating func add(length: Int64) {
    withUnsafeBytes(of: length.littleEndian) { parts.append(contentsOf: $0) }
  }

  /// 20 hexadecimal digits: among a million alerts the chance that two share one is 4 in 10 to the 13.
  var id: String { hexadecimal(SHA256.hash(data: parts).prefix(10)) }

  var key: CaseKey {
    SHA256.hash(data: parts).withUnsafeBytes { bytes in
      CaseKey(
        high: bytes.loadUnaligned(as: UInt64.self),
        low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }

  static func of(_ parts: String?...) -> CauseDigest {
    var digest = CauseDigest()
    for part in parts { digest.add(part) }
    return digest
  }

  /// What an alert is named by: the event, the entity, the mapping row and who found it.
  static func ofAlert(_ evidence: Evidence, row: String?) -> CauseDigest {
    let event = evidence.event
    var digest = CauseDigest.of(
      event.source, event.id, event.time.description, evidence.entity?.field,
      evidence.entity?.value, row)
    for rule in evidence.ruleIDs { digest.add(rule) }
    return digest
  }
}

/// 128 bits of a digest in place of the texts: event values are hostile, may be long and need not be kept.
struct CaseKey: Hashable, Sendable {
  var high: UInt64
  var low: UInt64
}
