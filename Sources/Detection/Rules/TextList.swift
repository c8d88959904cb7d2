import Primitives

/// A fixed set of texts, up to a million of them: the bytes in one piece and a table of places at most half full.
package final class TextList: Sendable, Equatable {
  package static let mostEntries = 1_000_000

  private let bytes: [UInt8]
  /// Where entry i ends; it begins where the one before ends.
  private let ends: [UInt32]
  /// Entry numbers from 1; 0 where the place is free.
  private let table: [UInt32]

  /// Entries that come twice count once; those above the limit of entries or beyond 4 GB are left out, so callers check
  /// before.
  package init(_ texts: some Sequence<some StringProtocol>) {
    var bytes: [UInt8] = []
    var ends: [UInt32] = []
    var table = [UInt32](repeating: 0, count: 16)
    for text in texts {
      if ends.count == TextList.mostEntries { break }
      if ends.count * 2 >= table.count {
        table = TextList.grown(table.count * 2, bytes, ends)
      }
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      guard bytes.count <= Int(UInt32.max) else {
        bytes.removeLast(bytes.count - start)
        break
      }
      let place = bytes.withUnsafeBufferPointer { all in
        TextList.place(of: UnsafeBufferPointer(rebasing: all[start...]), in: table, all, ends)
      }
      if table[place] != 0 {
        bytes.removeLast(bytes.count - start)
        continue
      }
      ends.append(UInt32(bytes.count))
      table[place] = UInt32(ends.count)
    }
    self.bytes = bytes
    self.ends = ends
    self.table = table
  }

  package var count: Int { ends.count }
  /// Of the entries alone.
  package var textBytes: Int { bytes.count }
  /// Held for the entries and their index.
  package var memoryBytes: Int { bytes.capacity + (ends.capacity + table.count) * 4 }

  /// The same entries in the same order.
  package static func == (a: TextList, b: TextList) -> Bool {
    a.ends == b.ends && a.bytes == b.bytes
  }

  /// Hands over the entries in their order.
  package func each(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeBufferPointer { all in
      var start = 0
      for end in ends {
        body(UnsafeBufferPointer(rebasing: all[start..<Int(end)]))
        start = Int(end)
      }
    }
  }

  package func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { table[TextList.place(of: text, in: table, $0, ends)] != 0 }
  }

  package func contains(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { contains($0) }
  }

  /// Where a text stands or would stand.
  private static func place(
    of text: UnsafeBufferPointer<UInt8>, in table: [UInt32], _ bytes: UnsafeBufferPointer<UInt8>,
    _ ends: [UInt32]
  ) -> Int {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: StableHash.of(text)) & mask
    while table[place] != 0 {
      let entry = Int(table[place]) - 1
      let start = entry == 0 ? 0 : Int(ends[entry - 1])
      let length = Int(ends[entry]) - start
      if length == text.count, bytes[start..<(start + length)].elementsEqual(text) { return place }
      place = (place + 1) & mask
    }
    return place
  }

  private static func grown(_ size: Int, _ bytes: [UInt8], _ ends: [UInt32]) -> [UInt32] {
    var table = [UInt32](repeating: 0, count: size)
    bytes.withUnsafeBufferPointer { all in
      for entry in ends.indices {
        let start = entry == 0 ? 0 : Int(ends[entry - 1])
        let text = UnsafeBufferPointer(rebasing: all[start..<Int(ends[entry])])
        table[place(of: text, in: table, all, ends)] = UInt32(entry + 1)
      }
    }
    return table
  }
}
