import Detection
import Glibc
import Primitives

/// Why a record cannot become an event.
struct Rejection: Error {
  var reason: DeadLetter.Reason
  var detail: String
}

/// Builds one event after another in a batch from the values that a decoder hands over as bytes.
///
/// Nothing here allocates for an event that is accepted and carries no label.
final class RowAssembler {
  private let interner: Interner
  private let mapping: SourceMapping
  private let plan: RowPlan
  private let ownSource: Symbol
  private let digest: ContentDigest
  /// Whether records may name other sources than the mapping's.
  private let takesAnySource: Bool
  /// The file's own name for the mapping's file field.
  var fileName = Symbol.missing
  var batch: EventBatch
  private(set) var labels: [Label] = []
  /// Optional numbers and flags that could not be read and are missing now.
  private(set) var unreadable = 0

  private(set) var times: TimeParser
  private var moment: TimeParser.Moment?
  private var timeRank = Int32.max
  private var timeProblem = false
  private var id = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var idRank = Int32.max
  private var kind = Symbol.missing
  private var kindRank = Int32.max
  private var source = Symbol.missing
  private var isPositive = false
  private var truthRank = Int32.max
  private var truthName = Symbol.missing
  private var nameRank = Int32.max
  private var badAction = -1
  private let hexadecimal: UnsafeMutablePointer<UInt8>

  init(
    mapping: SourceMapping, plan: RowPlan, isCanonical: Bool, times: TimeParser, batch: EventBatch,
    interner: Interner
  ) {
    self.mapping = mapping
    self.plan = plan
    self.interner = interner
    self.times = times
    self.batch = batch
    ownSource = interner.intern(mapping.id)
    takesAnySource = mapping.discovers && !isCanonical
    digest = ContentDigest(source: mapping.id)
    hexadecimal = .allocate(capacity: 32)
  }

  deinit { hexadecimal.deallocate() }

  func takeLabels() -> [Label] {
    defer { labels.removeAll() }
    return labels
  }

  // MARK: one row

  func begin() {
    moment = nil
    timeRank = .max
    timeProblem = false
    id = UnsafeBufferPointer(start: nil, count: 0)
    idRank = .max
    kind = .missing
    kindRank = .max
    source = .missing
    isPositive = false
    truthRank = .max
    truthName = .missing
    nameRank = .max
    badAction = -1
    for (slot, value) in plan.constants { batch.set(text: value, slot: slot) }
    if let slot = plan.fileSlot { batch.set(text: fileName, slot: slot) }
  }

  /// Takes a value; its bytes must stay until `finish`. Empty means missing.
  func take(_ bytes: UnsafeBufferPointer<UInt8>, action index: Int) {
    let action = plan.actions[index]
    switch action.role {
    case .number:
      let value = number(bytes)
      if value.isNaN && !isMissingNumber(bytes) { reject(index, action) }
      batch.set(number: value, slot: action.slot)
    case .text:
      if bytes.isEmpty {
        batch.set(text: .missing, slot: action.slot)
      } else {
        var symbol = interner.intern(bytes)
        if action.values >= 0,
          let replaced = plan.valueTables[Int(action.values)][symbol.rawValue]
        {
          symbol = replaced
        }
        batch.set(text: symbol, slot: action.slot)
      }
    case .flag:
      let value = flag(bytes)
      if value.isNaN && !bytes.isEmpty { reject(index, action) }
      batch.set(number: value, slot: action.slot)
    case .time: takeTime(bytes, action.rank)
    case .id:
      if action.rank <= idRank && !bytes.isEmpty {
        id = bytes
        idRank = action.rank
      }
    case .kind:
      if action.rank <= kindRank && !bytes.isEmpty {
        kind = interner.intern(bytes)
        kindRank = action.rank
      }
    case .source: source = bytes.isEmpty ? .missing : interner.intern(bytes)
    case .truth:
      if action.rank <= truthRank && !bytes.isEmpty {
        isPositive = plan.positives.contains(interner.intern(bytes).rawValue)
        truthRank = action.rank
      }
    case .truthName:
      if action.rank <= nameRank && !bytes.isEmpty {
        truthName = interner.intern(bytes)
        nameRank = action.rank
      }
    }
  }

  func takeTime(_ bytes: UnsafeBufferPointer<UInt8>, _ rank: Int32) {
    let text = trimmed(bytes)
    if rank > timeRank || text.isEmpty { return }
    moment = times.parse(text)
    timeProblem = moment == nil
    timeRank = rank
  }

  /// The kind and the constants that a syslog pattern gives.
  func take(kind: Symbol, constants: [(slot: Int, value: Symbol)]) {
    self.kind = kind
    for (slot, value) in constants { batch.set(text: value, slot: slot) }
  }

  func set(text: Symbol, slot: Int) { batch.set(text: text, slot: slot) }

  /// A text made of several fields of a CSV record, joined with `-`; missing without the first.
  func combine(_ fields: [Int], of record: CSVFields, slot: Int) {
    guard let first = fields.first, !record[first].isEmpty else { return }
    var length = 0
    for field in fields { length += record[field].count + 1 }
    let symbol = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { space in
      var at = 0
      for field in fields where !record[field].isEmpty {
        if at > 0 {
          space[at] = UInt8(ascii: "-")
          at += 1
        }
        for byte in record[field] {
          space[at] = byte
          at += 1
        }
      }
      return interner.intern(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(space)[..<at]))
    }
    batch.set(text: symbol, slot: slot)
  }

  private func reject(_ index: Int, _ action: ColumnAction) {
    if action.isRequired { badAction = index } else { unreadable += 1 }
  }

  /// Commits the row, or forgets it and says why.
  func finish(
    content: UnsafeBufferPointer<UInt8>, ordinal: UInt64, copy: UInt64
  ) throws(Rejection) {
    guard let moment else {
      if timeProblem { throw Rejection(reason: .badTime, detail: "the time cannot be read") }
      throw Rejection(reason: .missingTime, detail: "the time is missing")
    }
    if badAction >= 0 {
      let name = plan.name(ofAction: badAction)
      throw Rejection(
        reason: .badNumber, detail: "'\(name)' is not a \(plan.actions[badAction].role)")
    }
    let row = batch.count
    for need in plan.required {
      let isThere =
        need.isText
        ? !batch.textColumn(need.slot)[row].isMissing : !batch.numberColumn(need.slot)[row].isNaN
      if !isThere {
        throw Rejection(
          reason: .missingValue, detail: "'\(plan.requiredNames[need.name])' is missing")
      }
    }
    let kind = try settledKind()
    if source.isMissing { source = ownSource }
    if source != ownSource && !takesAnySource {
      throw Rejection(
        reason: .otherSource,
        detail: "the source is '\(interner.text(of: source))', not '\(mapping.id)'")
    }
    if id.isEmpty {
      digest.write(ordinal: ordinal, copy: copy, content: content, to: hexadecimal)
      id = UnsafeBufferPointer(start: hexadecimal, count: 32)
    }
    batch.commit(
      time: moment.time, zoneOffsetSeconds: moment.offset, kind: kind, source: source,
      primarySlot: primarySlot(row, kind), id: id)
    if isPositive { addLabel(row) }
  }

  private func settledKind() throws(Rejection) -> Symbol {
    if plan.kindsAreOpen { return kind.isMissing ? try fallback() : kind }
    if kind.isMissing { return try fallback() }
    if plan.kindValues.isEmpty { return kind }
    if let known = plan.kindValues[kind.rawValue] { return known }
    return try fallback()
  }

  private func fallback() throws(Rejection) -> Symbol {
    if !plan.kindDefault.isMissing { return plan.kindDefault }
    if kind.isMissing { throw Rejection(reason: .unknownKind, detail: "the kind is missing") }
    throw Rejection(
      reason: .unknownKind, detail: "the kind '\(interner.text(of: kind))' is not known")
  }

  private func primarySlot(_ row: Int, _ kind: Symbol) -> UInt16 {
    for entities in plan.entitiesByKind where entities.kind == kind {
      return first(of: entities.slots, row)
    }
    return first(of: plan.otherEntities, row)
  }

  private func first(of slots: [UInt16], _ row: Int) -> UInt16 {
    for slot in slots where !batch.textColumn(Int(slot))[row].isMissing { return slot }
    return EventBatch.noEntity
  }

  private func addLabel(_ row: Int) {
    guard let truth = mapping.truth else { return }
    let entity = batch.primaryEntity(row)
    let field = entity.flatMap { entity in
      batch.schema.fields.first { $0.type == .text && $0.slot == entity.slot }
    }
    let raw = truthName.isMissing ? nil : interner.text(of: truthName)
    let time = batch.time(row)
    labels.append(
      Label(
        entityField: field?.name ?? "", entity: entity.map { interner.text(of: $0.value) } ?? "",
        start: time, end: time, type: truth.type,
        name: raw.map { truth.names[$0] ?? $0 } ?? truth.name, severity: truth.severity,
        knownAt: time, eventID: batch.id(row)))
  }

  // MARK: values

  /// NaN where it is missing or no number.
  private func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
    if bytes.isEmpty { return .nan }
    return DecimalNumber.parse(bytes) ?? DecimalNumber.parse(trimmed(bytes)) ?? .nan
  }

  /// Empty, or what table programs write for it.
  private func isMissingNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let text = trimmed(bytes)
    return text.isEmpty || MissingWord.matches(text)
  }

  private func flag(_ bytes: UnsafeBufferPointer<UInt8>) -> Double {
    if bytes.count == 1 {
      switch bytes[0] | 0x20 {
      case 0x31 | 0x20, 0x74, 0x79: return 1
      case 0x30 | 0x20, 0x66, 0x6E: return 0
      default: return .nan
      }
    }
    if equalsWord(bytes, "true") || equalsWord(bytes, "yes") { return 1 }
    if equalsWord(bytes, "false") || equalsWord(bytes, "no") { return 0 }
    return .nan
  }
}

/// Without blanks and tabs at both ends.
func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
  var start = 0
  var end = bytes.count
  while start < end && (bytes[start] == 0x20 || bytes[start] == 0x09) { start += 1 }
  while end > start && (bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09) { end -= 1 }
  if end - start == bytes.count { return bytes }
  return UnsafeBufferPointer(rebasing: bytes[start..<end])
}

/// Whether bytes are a lower-case ASCII word, whatever their case.
func equalsWord(_ bytes: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
  if bytes.count != word.utf8CodeUnitCount { return false }
  for index in 0..<bytes.count where bytes[index] | 0x20 != word.utf8Start[index] { return false }
  return true
}

/// The words that table programs write for a number that is not there.
enum MissingWord {
  static func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.count > 4 || bytes.count < 2 { return false }
    return equalsWord(bytes, "na") || equalsWord(bytes, "nan") || equalsWord(bytes, "null")
      || equalsWord(bytes, "none")
  }
}
