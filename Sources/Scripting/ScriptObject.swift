package import Primitives

/// What a field of an object holds, flat and without allocation. Text must stay valid until the reader is asked again.
package enum ScriptScalar {
  case `nil`
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(UnsafeBufferPointer<UInt8>)
  case duration(TimeSpan)
  case time(Timestamp)
}

/// Answers a script that reads the fields of an object one by one, such as an event.
///
/// The object stays the same over calls and only what it stands for changes, so that a call builds nothing.
package protocol FieldReader: AnyObject {
  /// The number of a field, the same for as long as the object lives; missing where there is no such field.
  /// Asked once per name; afterwards only numbers are read. The bytes are not checked to be UTF-8.
  func field(named name: UnsafeBufferPointer<UInt8>) -> Int32?
  /// The present value; `.nil` where it is missing.
  func value(ofField field: Int32) -> ScriptScalar
  /// Where the fields stand in memory; missing where each is asked for.
  var row: ScriptRow? { get }
  /// What the error says when a script reads a name that `field(named:)` does not know.
  func unknownField(_ name: String) -> String
}

extension FieldReader {
  package var row: ScriptRow? { nil }
}

/// A reader's place in one script, to be passed to calls. It holds the reader.
package final class ScriptObject: Equatable {
  let core: ScriptCore
  let reader: any FieldReader
  private(set) var reference: Int32 = -1

  init(core: ScriptCore, reader: any FieldReader) {
    self.core = core
    self.reader = reader
    reference = core.makeObject(
      Unmanaged.passUnretained(self).toOpaque(), reader.row?.pointer)
  }

  // What Lua still holds of it raises an error when read: it belongs to no call any more.
  deinit { if reference >= 0 { core.release(reference) } }

  package static func == (a: ScriptObject, b: ScriptObject) -> Bool { a === b }
}
