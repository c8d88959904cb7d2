import Detection
import Primitives
import Scripting

/// The `event` of `detect`: fields are read one by one, so that a call builds no table.
final class EventReader: FieldReader {
  static let ownNames = ["time", "kind", "source", "id"]

  private let vocabulary: Vocabulary
  private let names: [String]
  private let numbers: [String: Int32]
  private let text = HeldText()
  /// The event at hand where it is no row of a batch.
  private var event: (any JudgedEvent)?
  /// The event at hand where it is a row, as almost always: Lua reads its columns where they stand. The batch and the
  /// texts stay held until a row of another comes.
  private var held: BatchRow?
  // Beside `held`, since comparing what they name counts no references.
  private var heldBatch: ObjectIdentifier?
  private var heldTexts: ObjectIdentifier?
  private var isRow = false
  let row: ScriptRow? = ScriptRow()

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
    self.row?.place = row.row
    if isRow, heldBatch == ObjectIdentifier(row.batch),
      heldTexts == ObjectIdentifier(row.interner)
    {
      return
    }
    held = row
    heldBatch = ObjectIdentifier(row.batch)
    heldTexts = ObjectIdentifier(row.interner)
    isRow = true
    self.row?.read(names.indices.map { column($0, row.batch) }, texts: row.interner.chunks)
  }

  private func column(_ number: Int, _ batch: EventBatch) -> ScriptRow.Column {
    func symbols(_ column: UnsafeMutablePointer<Symbol>) -> UnsafePointer<UInt32> {
      UnsafeRawPointer(column).assumingMemoryBound(to: UInt32.self)
    }
    switch number {
    case 0: return .moment(batch.times)
    case 1: return .word(symbols(batch.kinds))
    case 2: return .word(symbols(batch.sources))
    case 3: return .ask
    default:
      guard let field = batch.schema.field(names[number]) else { return .absent }
      return switch field.type {
      case .text: .text(symbols(batch.textColumn(field.slot)))
      case .flag: .flag(batch.numberColumn(field.slot))
      case .number: .number(batch.numberColumn(field.slot))
      }
    }
  }

  /// Makes another event the one at hand.
  func take(_ event: any JudgedEvent) {
    isRow = false
    row?.ask()
    self.event = event
  }

  func value(ofField field: Int32) -> ScriptScalar {
    if isRow {
      precondition(field == 3, "all but the id of a row stands in its columns")
      guard let held, let place = row?.place else { return .nil }
      return .text(held.batch.withID(place) { text.hold($0) })
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

  func unknownField(_ name: String) -> String {
    vocabulary.complaint(field: name, besides: EventReader.ownNames)
      ?? "unknown field \(quoted(name))"
  }
}

/// The `f` of `detect`: the values of the rule's features, and the model's `score` or `rarity`.
final class FeatureValues: FieldReader {
  /// The features and, last, what the model says.
  private let names: [String]
  private let values: UnsafeMutableBufferPointer<Double>
  let row: ScriptRow? = ScriptRow()

  init(_ features: [NamedFeature]) {
    names = features.map(\.name) + Rule.modelNames
    values = .allocate(capacity: names.count)
    values.initialize(repeating: .nan)
    let columns = values.indices.map { UnsafePointer(values.baseAddress! + $0) }
    row?.read(columns.map { .number($0) })
  }

  deinit { values.deallocate() }

  func take(score: ModelScore, feature: (Int) -> Double) {
    let own = values.count - Rule.modelNames.count
    for index in 0..<own { values[index] = feature(index) }
    values[own] = score.probability
    values[own + 1] = score.rarity
  }

  func field(named name: UnsafeBufferPointer<UInt8>) -> Int32? {
    let name = String(decoding: name, as: UTF8.self)
    return names.firstIndex(of: name).map(Int32.init)
  }

  func value(ofField field: Int32) -> ScriptScalar { scalar(values[Int(field)]) }

  func unknownField(_ name: String) -> String {
    FeatureValues.unknown(name, among: names.dropLast(Rule.modelNames.count))
  }

  /// - Parameter own: the rule's features.
  static func unknown(_ name: String, among own: some Collection<String>) -> String {
    "unknown feature \(quoted(name))\(didYouMean(name, among: own + Rule.modelNames)): the rule's features are "
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
