import Primitives

// The flat form in which values cross; lua_shim.h describes it.

/// Writes values for the shim.
struct FlatWriter {
  private(set) var bytes: [UInt8] = []
  private let core: ScriptCore

  init(core: ScriptCore) { self.core = core }

  mutating func write(_ value: ScriptValue) {
    switch value {
    case .nil: tag("n")
    case .flag(let flag): tag(flag ? "t" : "f")
    case .integer(let n): put("i", UInt64(bitPattern: n))
    case .number(let x): put("d", x.bitPattern)
    case .duration(let span): put("u", UInt64(bitPattern: span.microseconds))
    case .time(let time): put("w", UInt64(bitPattern: time.microseconds))
    case .text(let text): write(text)
    case .function(let function):
      precondition(function.core === core, "a function is passed to the script that it lives in")
      tag("F")
      word(UInt32(bitPattern: function.reference))
      word(0)
    case .object(let object):
      precondition(object.core === core, "an object is passed to the script that it was made for")
      tag("o")
      word(UInt32(bitPattern: object.reference))
    case .table(let table):
      tag("T")
      word(UInt32(table.list.count))
      word(UInt32(table.named.count))
      for value in table.list { write(value) }
      for (name, value) in table.named {
        write(name)
        write(value)
      }
    }
  }

  private mutating func write(_ text: String) {
    tag("s")
    word(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func tag(_ letter: Unicode.Scalar) { bytes.append(UInt8(ascii: letter)) }

  private mutating func put(_ letter: Unicode.Scalar, _ payload: UInt64) {
    tag(letter)
    withUnsafeBytes(of: payload.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func word(_ payload: UInt32) {
    withUnsafeBytes(of: payload.littleEndian) { bytes.append(contentsOf: $0) }
  }
}

/// Reads what the shim wrote.
struct FlatReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private let core: ScriptCore
  /// Why a text that was found may not cross; missing where all may.
  private(set) var brokenText: String?

  init(_ bytes: UnsafeRawBufferPointer, core: ScriptCore) {
    self.bytes = bytes
    self.core = core
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func value() -> ScriptValue {
    let tag = bytes[offset]
    offset += 1
    switch tag {
    case UInt8(ascii: "t"): return .flag(true)
    case UInt8(ascii: "f"): return .flag(false)
    case UInt8(ascii: "i"): return .integer(load())
    case UInt8(ascii: "d"): return .number(Double(bitPattern: load()))
    case UInt8(ascii: "u"): return .duration(TimeSpan(microseconds: load()))
    case UInt8(ascii: "w"): return .time(Timestamp(microseconds: load()))
    case UInt8(ascii: "s"): return .text(text())
    case UInt8(ascii: "F"):
      let reference: Int32 = load()
      let line: Int32 = load()
      return .function(
        ScriptFunction(core: core, reference: reference, chunk: core.chunk, line: Int(line)))
    case UInt8(ascii: "T"): return .table(table())
    default: return .nil
    }
  }

  private mutating func table() -> ScriptTable {
    let list: UInt32 = load()
    let pairs: UInt32 = load()
    var table = ScriptTable()
    table.list.reserveCapacity(Int(list))
    for _ in 0..<list { table.list.append(value()) }
    table.named.reserveCapacity(Int(pairs))
    for _ in 0..<pairs {
      offset += 1
      table.named.append((text(), value()))
    }
    table.named.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return table
  }

  private mutating func text() -> String {
    let count: UInt32 = load()
    let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(count)])
    offset += Int(count)
    guard let valid = String(validating: slice, as: UTF8.self) else {
      brokenText = "text that is not UTF-8"
      return String(decoding: slice, as: UTF8.self)
    }
    guard valid.isStreamSafe else {
      brokenText = "text with more than 30 combining marks in a row"
      return ""
    }
    return valid
  }

  private mutating func load<T: FixedWidthInteger>() -> T {
    defer { offset += MemoryLayout<T>.size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }
}
