package import Primitives

/// Writes a state or reads it back, field by field: a type says once in which order its fields stand, in a `code` that
/// hands each of them to the coder, so that what is written and what is read cannot come apart.
///
/// A coder that writes leaves the fields as they are; one that reads fills them, whatever the bytes are, and keeps in
/// `damage` what was wrong first: what it filled is not to be used then. Texts are kept as texts, since the run that reads
/// may have met them in another order.
package struct StateCoder {
  /// What is counted up stays far enough below the largest number to be counted up for ever.
  static let most = 1 << 60

  package let isReading: Bool
  package private(set) var damage: StateDamage?
  private var writer = StateWriter()
  private var met = TextTable()
  private var reader: StateReader
  private var texts: [UInt32] = [0]
  private let interner: Interner

  /// One that writes.
  package init(_ interner: Interner) {
    isReading = false
    reader = StateReader([])
    self.interner = interner
  }

  /// One that reads. For the thread that interns.
  package init(reading bytes: some Collection<UInt8>, _ interner: Interner) {
    isReading = true
    reader = StateReader(ArraySlice(bytes))
    self.interner = interner
    read { (reader) throws(StateDamage) in try TextTable.read(&reader, interner) }.map {
      texts = $0
    }
  }

  /// All that was written.
  package var bytes: [UInt8] {
    var whole = StateWriter()
    met.write(to: &whole, interner)
    return whole.bytes + writer.bytes
  }

  /// Of a coder that reads: all was read and nothing was wrong.
  package func finish() throws(StateDamage) {
    if let damage { throw damage }
    if reader.left > 0 { throw StateDamage(what: "something follows its end") }
  }

  /// Notes what a reader cannot work with.
  package mutating func require(_ condition: Bool, _ what: @autoclosure () -> String) {
    if isReading && !condition && damage == nil { damage = StateDamage(what: what()) }
  }

  /// Nothing once something was wrong.
  private mutating func read<Value>(
    _ body: (inout StateReader) throws(StateDamage) -> Value
  ) -> Value? {
    if damage != nil { return nil }
    do {
      return try body(&reader)
    } catch {
      damage = error
      return nil
    }
  }

  package mutating func number(_ value: inout Double) {
    if !isReading { return writer.number(value) }
    value = read { (reader) throws(StateDamage) in try reader.number() } ?? value
  }

  package mutating func signed(_ value: inout Int64) {
    if !isReading { return writer.signed(value) }
    value = read { (reader) throws(StateDamage) in try reader.signed() } ?? value
  }

  package mutating func word(_ value: inout UInt64) {
    if !isReading { return writer.word(value) }
    value = read { (reader) throws(StateDamage) in try reader.word() } ?? value
  }

  /// A whole number within bounds.
  package mutating func whole<Number: FixedWidthInteger>(
    _ value: inout Number, in range: ClosedRange<Number>
  ) {
    var wide = Int64(truncatingIfNeeded: value)
    signed(&wide)
    guard isReading else { return }
    if let read = Number(exactly: wide), range.contains(read) {
      value = read
    } else {
      require(false, "a number is out of range")
    }
  }

  package mutating func flag(_ value: inout Bool) {
    if !isReading { return writer.byte(value ? 1 : 0) }
    value = read { (reader) throws(StateDamage) in try reader.byte() != 0 } ?? value
  }

  package mutating func raw(_ value: inout [UInt8]) {
    if !isReading { return writer.append(value) }
    value = read { (reader) throws(StateDamage) in Array(try reader.raw()) } ?? value
  }

  package mutating func text(_ value: inout String) {
    var bytes = Array(value.utf8)
    raw(&bytes)
    if isReading { value = String(decoding: bytes, as: UTF8.self) }
  }

  package mutating func symbol(_ value: inout Symbol) {
    if !isReading { return writer.count(met.number(value.rawValue)) }
    let texts = texts
    value =
      read { (reader) throws(StateDamage) in Symbol(rawValue: try reader.symbol(texts)) } ?? value
  }

  package mutating func optional(_ value: inout Int64?) {
    var isThere = value != nil
    flag(&isThere)
    var number = value ?? 0
    if isThere { signed(&number) }
    value = isThere ? number : nil
  }

  /// So many elements as there are, each coded by `code`; `empty` is what a reader begins one with.
  package mutating func list<Element>(
    _ values: inout [Element], upTo most: Int = .max, empty: @autoclosure () -> Element,
    _ code: (inout StateCoder, inout Element) -> Void
  ) {
    guard isReading else {
      writer.count(values.count)
      for index in values.indices { code(&self, &values[index]) }
      return
    }
    let count = read { (reader) throws(StateDamage) in try reader.count() } ?? 0
    require(count <= most, "it holds more than there may be")
    values.removeAll(keepingCapacity: true)
    while values.count < count && damage == nil {
      var element = empty()
      code(&self, &element)
      values.append(element)
    }
  }

  package mutating func numbers(_ values: inout [Double], upTo most: Int = .max) {
    list(&values, upTo: most, empty: 0) { $0.number(&$1) }
  }

  /// Numbers of which there are always as many.
  package mutating func fixedNumbers(_ values: inout [Double]) {
    let before = values
    numbers(&values, upTo: before.count)
    require(values.count == before.count, "it lacks a number")
    if damage != nil { values = before }
  }
}
