import Detection
import Primitives
import Scripting

/// The `event` of `detect`: fields are read one by one, so that a call builds no table.
final class EventReader: FieldReader {
  private static let ownNames = ["time", "kind", "source", "id"]

  private let vocabulary: Vocabulary
  private let names: [String]
  private let numbers: [String: Int32]
  private let text = HeldText()
  /// The event at hand where it is no row of a batch.
  private var event: (any JudgedEvent)?
  /// The event at hand where it is a row, as almost always: its fields are read without making a `String` of any. The
  /// batch stays held until a row of another comes.
  private var held: BatchRow?
  private var row = 0
  // Unretained, because `held` holds both: a call reads them several times, and counting references costs as much.
  private var batch: Unmanaged<EventBatch>?
  private var interner: Unmanaged<Interner>?
  private var columns: [Column] = []
  private var schema: Schema?

  /// Where a field stands in the batches at hand.
  private enum Column {
    case absent
    case number(Int)
    case flag(Int)
    case text(Int)
  }

  init(vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    names = EventReader.ownNames + vocabulary.fields.keys.sorted()
    numbers = Dictionary(
      names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
  }

  func field(named name: UnsafeBufferPointer<UInt8>) -> Int32? {
    numbers[String(decoding: name, as: UTF8.self)]
  }

  /// Makes a row the event at hand.
  func take(_ row: BatchRow) {
    self.row = row.row
    if let held, batch != nil, held.batch === row.batch && held.interner === row.interner { return }
    held = row
    batch = .passUnretained(row.batch)
    interner = .passUnretained(row.interner)
    if schema != row.batch.schema {
      schema = row.batch.schema
      columns = names.map { name in
        guard let field = row.batch.schema.field(name) else { return .absent }
        return switch field.type {
        case .text: .text(field.slot)
        case .flag: .flag(field.slot)
        case .number: .number(field.slot)
        }
      }
    }
  }

  /// Makes another event the one at hand.
  func take(_ event: any JudgedEvent) {
    batch = nil
    self.event = event
  }

  func value(ofField field: Int32) -> ScriptScalar {
    if let batch, let interner {
      return batch._withUnsafeGuaranteedRef { batch in
        interner._withUnsafeGuaranteedRef { value(ofField: field, batch, $0) }
      }
    }
    guard let event else { return .nil }
    switch field {
    case 0: return .time(event.time)
    case 1: return .text(text.hold(event.kind))
    case 2: return .text(text.hold(event.source))
    case 3: return .text(text.hold(event.id))
    default:
      switch event.value(of: names[Int(field)]) {
      case .missing: return .nil
      case .flag(let flag): return .flag(flag)
      case .number(let x): return scalar(x)
      case .text(let value): return .text(text.hold(value))
      }
    }
  }

  private func value(
    ofField field: Int32, _ batch: EventBatch, _ interner: Interner
  ) -> ScriptScalar {
    switch field {
    case 0: return .time(batch.time(row))
    case 1: return .text(interner.bytes(of: batch.kinds[row]))
    case 2: return .text(interner.bytes(of: batch.sources[row]))
    case 3: return .text(batch.withID(row) { text.hold($0) })
    default:
      switch columns[Int(field)] {
      case .absent: return .nil
      case .number(let slot): return scalar(batch.number(row, slot))
      case .flag(let slot):
        let x = batch.number(row, slot)
        return x.isNaN ? .nil : .flag(x != 0)
      case .text(let slot):
        let symbol = batch.text(row, slot)
        return symbol.isMissing ? .nil : .text(interner.bytes(of: symbol))
      }
    }
  }

  func unknownField(_ name: String) -> String {
    if vocabulary.groundTruth.contains(name) {
      return "\(quoted(name)) holds the truth about an event, and no plugin may use it"
    }
    return "unknown field \(quoted(name))\(didYouMean(name, among: names))"
  }
}

/// The `f` of `detect`: the values of the rule's features, and the model's `score`.
final class FeatureValues: FieldReader {
  /// The features and, last, the score.
  private let names: [String]
  private var values: [Double]

  init(_ features: [NamedFeature]) {
    names = features.map(\.name) + [Rule.score]
    values = [Double](repeating: .nan, count: names.count)
  }

  func take(score: Double, feature: (Int) -> Double) {
    for index in 0..<(values.count - 1) { values[index] = feature(index) }
    values[values.count - 1] = score
  }

  func field(named name: UnsafeBufferPointer<UInt8>) -> Int32? {
    let name = String(decoding: name, as: UTF8.self)
    return names.firstIndex(of: name).map(Int32.init)
  }

  func value(ofField field: Int32) -> ScriptScalar { scalar(values[Int(field)]) }

  func unknownField(_ name: String) -> String {
    let own = names.dropLast()
    return
      "unknown feature \(quoted(name))\(didYouMean(name, among: names)): the rule's features are "
      + (own.isEmpty ? "none" : own.joined(separator: ", "))
  }

  /// The value under a name, which may be missing; nothing where the rule has no such feature.
  func value(named name: String) -> Double? { names.firstIndex(of: name).map { values[$0] } }
}

/// Whole numbers arrive as integers, so that Lua prints 12 and not 12.0.
func scalar(_ x: Double) -> ScriptScalar {
  if x.isNaN { return .nil }
  return Int64(exactly: x).map { .integer($0) } ?? .number(x)
}

/// Bytes that stay where they are until the next text is held.
final class HeldText {
  private var bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64)

  deinit { bytes.deallocate() }

  func hold(_ text: String) -> UnsafeBufferPointer<UInt8> {
    var text = text
    return text.withUTF8 { hold($0) }
  }

  func hold(_ source: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    if source.count > bytes.count {
      bytes.deallocate()
      bytes = .allocate(capacity: source.count * 2)
    }
    _ = bytes.update(fromContentsOf: source)
    return UnsafeBufferPointer(rebasing: bytes[..<source.count])
  }
}
