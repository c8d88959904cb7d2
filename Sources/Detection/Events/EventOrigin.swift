package import Primitives

/// Where the record of an event stands: its input, line and byte.
package struct EventOrigin: Hashable, Sendable {
  /// The path as it was given; missing for events that were made rather than read.
  package var file: Symbol
  /// Of the record's first byte, from 1; 0 where it is not known.
  package var line: Int
  /// Of the record's first byte in the decompressed input, from 0.
  package var byteOffset: Int64

  package init(file: Symbol, line: Int, byteOffset: Int64) {
    self.file = file
    self.line = line
    self.byteOffset = byteOffset
  }

  package static let unknown = EventOrigin(file: .missing, line: 0, byteOffset: 0)
}
