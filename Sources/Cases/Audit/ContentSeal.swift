import Crypto

/// Digests of what is kept, for the audit: who changes a row past the program has to change the record of it, too.
package enum ContentSeal {
  /// The seal of an alert: the first half of SHA-256 over its JSON line and what was frozen with it, each with its length
  /// in eight bytes before it, lowest first. 32 hexadecimal digits.
  package static func ofAlert(line: [UInt8], frozen: [UInt8]?) -> String {
    hexadecimal(digest("MWALERT1", [line, frozen]).prefix(16))
  }

  /// SHA-256 over a row: a name of its kind, then each cell as one byte 1, its length in eight bytes, lowest first, and
  /// its bytes; a missing one is one byte 0.
  package static func digest(_ kind: String, _ cells: [[UInt8]?]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: Array(kind.utf8))
    for cell in cells {
      guard let cell else {
        hash.update(data: [0])
        continue
      }
      hash.update(data: [1])
      withUnsafeBytes(of: Int64(cell.count).littleEndian) { hash.update(bufferPointer: $0) }
      hash.update(data: cell)
    }
    return Array(hash.finalize())
  }
}

/// Many digests in one, whatever their order: their sum as numbers of 256 bits, lowest byte first, without the carry. What
/// leaves is taken away again.
package struct SealSum: Hashable, Sendable {
  package private(set) var bytes = [UInt8](repeating: 0, count: SHA256.byteCount)

  package init() {}

  /// Reads 64 hexadecimal digits.
  package init?(_ hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == 2 * bytes.count else { return nil }
    for place in bytes.indices {
      guard
        let byte = UInt8(
          String(decoding: digits[2 * place...2 * place + 1], as: UTF8.self), radix: 16)
      else { return nil }
      bytes[place] = byte
    }
  }

  package var hex: String { hexadecimal(bytes) }

  package mutating func add(_ digest: [UInt8]) {
    var carry: UInt16 = 0
    for (place, byte) in zip(bytes.indices, digest) {
      carry += UInt16(bytes[place]) + UInt16(byte)
      bytes[place] = UInt8(truncatingIfNeeded: carry)
      carry >>= 8
    }
  }

  package mutating func remove(_ digest: [UInt8]) {
    var borrow: Int16 = 0
    for (place, byte) in zip(bytes.indices, digest) {
      let rest = Int16(bytes[place]) - Int16(byte) - borrow
      bytes[place] = UInt8(truncatingIfNeeded: rest)
      borrow = rest < 0 ? 1 : 0
    }
  }
}
