import CLuaShim

/// Where the fields of an object stand in memory, so that a script reads most of them without asking the host.
///
/// Its owner keeps what the columns point at as it is for as long as a call that reads it runs. A row belongs to one
/// reader, and both to one thread at a time.
package final class ScriptRow {
  /// The column of one field, by row. A number that is NaN and a text that is 0 are missing.
  package enum Column {
    /// The reader is asked.
    case ask
    case absent
    case number(UnsafePointer<Double>)
    case flag(UnsafePointer<Double>)
    case text(UnsafePointer<UInt32>)
    /// A text of which 0 is the empty one.
    case word(UnsafePointer<UInt32>)
    /// Microseconds since the epoch.
    case moment(UnsafePointer<Int64>)
  }

  let pointer: UnsafeMutablePointer<mw_row>
  private var columns = UnsafeMutableBufferPointer<mw_column>.allocate(capacity: 0)

  package init() {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: mw_row())
  }

  deinit {
    columns.deallocate()
    pointer.deallocate()
  }

  /// The row at hand.
  package var place: Int {
    get { pointer.pointee.row }
    set { pointer.pointee.row = newValue }
  }

  /// From here on the reader is asked for every field.
  package func ask() { pointer.pointee.count = 0 }

  /// From here on fields are read from these columns, by their number.
  ///
  /// - Parameter texts: chunks of texts, each a pointer and a length, and how many low bits of a text's number are its
  ///   place in a chunk; the others are the chunk's. A text keeps its number, and the chunks of the last call live until
  ///   those of this one are made: Lua remembers texts by their numbers as long as the chunks stay the same.
  package func read(_ fields: [Column], texts: (chunks: UnsafeRawPointer, bits: Int)? = nil) {
    columns.deallocate()
    columns = .allocate(capacity: fields.count)
    _ = columns.initialize(from: fields.map(mw_column.init))
    pointer.pointee.columns = UnsafePointer(columns.baseAddress)
    pointer.pointee.count = Int32(fields.count)
    pointer.pointee.text_bits = Int32(texts?.bits ?? 0)
    let chunks = texts?.chunks.assumingMemoryBound(to: UnsafePointer<mw_text>?.self)
    if chunks != pointer.pointee.texts { pointer.pointee.edition &+= 1 }
    pointer.pointee.texts = chunks
  }
}

extension mw_column {
  fileprivate init(_ column: ScriptRow.Column) {
    switch column {
    case .ask: self.init(kind: MW_ASK, base: nil)
    case .absent: self.init(kind: MW_ABSENT, base: nil)
    case .number(let base): self.init(kind: MW_NUMBER, base: base)
    case .flag(let base): self.init(kind: MW_FLAG, base: base)
    case .text(let base): self.init(kind: MW_TEXT, base: base)
    case .word(let base): self.init(kind: MW_WORD, base: base)
    case .moment(let base): self.init(kind: MW_MOMENT, base: base)
    }
  }
}
