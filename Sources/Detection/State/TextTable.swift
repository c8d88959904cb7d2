import Primitives

/// The texts that one section of a state speaks of, numbered from 1 as they are met; symbols mean nothing in another run.
struct TextTable {
  private var numbers: [UInt32: Int] = [:]
  private var symbols: [UInt32] = []

  /// The number of a symbol; 0 for a missing one.
  mutating func number(_ symbol: UInt32) -> Int {
    if symbol == 0 { return 0 }
    if let known = numbers[symbol] { return known }
    symbols.append(symbol)
    numbers[symbol] = symbols.count
    return symbols.count
  }

  func write(to writer: inout StateWriter, _ interner: Interner) {
    writer.count(symbols.count)
    for symbol in symbols { writer.raw(interner.bytes(of: Symbol(rawValue: symbol))) }
  }

  /// The symbols of this run by number; the first stands for a missing text.
  static func read(
    _ reader: inout StateReader, _ interner: Interner
  ) throws(StateDamage) -> [UInt32] {
    let count = try reader.count()
    var symbols: [UInt32] = [0]
    symbols.reserveCapacity(count + 1)
    for _ in 0..<count {
      let bytes = try reader.raw()
      symbols.append(bytes.withUnsafeBufferPointer { interner.intern($0).rawValue })
    }
    return symbols
  }
}

extension StateReader {
  /// A text by its number.
  mutating func symbol(_ texts: [UInt32]) throws(StateDamage) -> UInt32 {
    texts[try size(upTo: texts.count - 1)]
  }
}
