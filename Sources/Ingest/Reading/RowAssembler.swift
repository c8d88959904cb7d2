import Detection
import Primitives

/// Builds one event after another in a batch from the values that a decoder hands over as bytes.
///
/// Nothing here allocates for an event that is accepted and carries no label.
final class RowAssembler {
  private let interner: Interner
  private let mapping: SourceMapping
  private let plan: RowPlan
  private let tables: RowTables
  private let actions: UnsafeMutablePointer<ColumnAction>
  private let ownSource: Symbol
  private let fileSlot: Int
  private let digest: ContentDigest
  /// Whether records may name other sources than the mapping's.
  private let takesAnySource: Bool
  /// The file's own name for the mapping's file field.
  var fileName = Symbol.missing
  private(set) var labels: [Label] = []
  /// Optional numbers and flags that could not be read and are missing now.
  private(set) var unreadable = 0
  var times: TimeParser

  private var batch: EventBatch
  private var numbers: UnsafeMutablePointer<Double>
  private var texts: UnsafeMutablePointer<Symbol>
  private var capacity: Int
  private var row = 0
  private var state = RowState()
  private let empty = RowState()
  /// Texts of the last rows whose symbols are asked for together. Their cells hold `awaited` so long.
  private let pending: UnsafeMutablePointer<Interner.Pending>
  private var pendingCount = 0
  private static let pendingLimit = 128
  private static let awaited = Symbol(rawValue: .max)
  private var contentStart = UInt(0)
  private var contentEnd = UInt(0)
  /// A text of the row stands in memory that the next row may use.
  private var mustSettle = false
  private let hexadecimal: UnsafeMutablePointer<UInt8>

  init(
    mapping: SourceMapping, plan: RowPlan, isCanonical: Bool, times: TimeParser, batch: EventBatch,
    interner: Interner
  ) {
    self.mapping = mapping
    self.plan = plan
    tables = RowTables(plan)
    actions = tables.actions
    self.interner = interner
    self.times = times
    self.batch = batch
    numbers = batch.numberColumn(0)
    texts = batch.textColumn(0)
    capacity = batch.capacity
    ownSource = interner.intern(mapping.id)
    fileSlot = plan.fileSlot ?? -1
    takesAnySource = mapping.discovers && !isCanonical
    digest = ContentDigest(source: mapping.id)
    hexadecimal = .allocate(capacity: 32)
    pending = Interner.room(RowAssembler.pendingLimit)
  }

  deinit {
    hexadecimal.deallocate()
    pending.deallocate()
  }

  /// Goes on in another batch of the same schema; what the last one waits for must be settled.
  func bind(_ batch: EventBatch) {
    precondition(pendingCount == 0, "texts of the last batch are settled before the next begins")
    self.batch = batch
    numbers = batch.numberColumn(0)
    texts = batch.textColumn(0)
    capacity = batch.capacity
  }

  func takeLabels() -> [Label] {
    if labels.isEmpty { return [] }
    defer { labels.removeAll() }
    return labels
  }

  // MARK: one row

  /// - Parameter content: the record; texts inside it may wait for their symbols until its memory is used again.
  func begin(_ content: UnsafeBufferPointer<UInt8>) {
    row = batch.count
    state = empty
    contentStart = UInt(bitPattern: content.baseAddress)
    contentEnd = contentStart &+ UInt(bitPattern: content.count)
    for (slot, value) in tables.constants { set(text: value, slot: slot) }
    if fileSlot >= 0 { set(text: fileName, slot: fileSlot) }
  }

  /// Forgets what was taken since `begin`.
  func discard() {
    settle()
    batch.discardRow()
  }

  /// Takes a value that its decoder has read as a number too; NaN where that is beyond the largest double.
  @inline(__always)
  func take(number: Double, _ bytes: UnsafeBufferPointer<UInt8>, action index: Int) {
    let action = actions[index]
    if action.role == .number {
      if number.isNaN { reject(index, action) }
      set(number: number, slot: action.slot)
    } else {
      take(bytes, action: index)
    }
  }

  /// Takes a value; its bytes must stay until `finish`. Empty means missing.
  @inline(__always)
  func take(_ bytes: UnsafeBufferPointer<UInt8>, action index: Int) {
    let action = actions[index]
    if action.role == .text { takeText(bytes, action) } else { takeOther(bytes, index, action) }
  }

  @inline(__always)
  private func takeText(_ bytes: UnsafeBufferPointer<UInt8>, _ action: ColumnAction) {
    let cell = action.slot &* capacity &+ row
    if action.values >= 0 { return replace(bytes, action, cell) }
    if bytes.isEmpty {
      if texts[cell].rawValue == RowAssembler.awaited.rawValue { settle() }
      texts[cell].rawValue = 0
      return
    }
    if pendingCount == RowAssembler.pendingLimit { settle() }
    texts[cell].rawValue = UInt32.max
    let address = UInt(bitPattern: bytes.baseAddress)
    if address < contentStart || address >= contentEnd { mustSettle = true }
    pending[pendingCount].bytes = bytes
    pending[pendingCount].cell = cell
    pendingCount &+= 1
  }

  private func replace(
    _ bytes: UnsafeBufferPointer<UInt8>, _ action: ColumnAction, _ cell: Int
  ) {
    // A pending text of the same cell would be written over this later one.
    settle()
    let symbol = bytes.isEmpty ? .missing : interner.intern(bytes)
    let replaced = tables.valueMaps[Int(action.values)][symbol]
    texts[cell] = replaced.isMissing ? symbol : replaced
  }

  /// Gives the texts that wait their symbols: before their memory is used again, and before anybody reads the batch.
  func settle() {
    interner.intern(pending, count: pendingCount, into: texts)
    pendingCount = 0
    mustSettle = false
  }

  /// The symbol of a text that is needed now. Texts are numbered in the order in which they appear, so one that is new
  /// comes after those that wait.
  private func symbol(_ bytes: UnsafeBufferPointer<UInt8>) -> Symbol {
    if let known = interner.find(bytes) { return known }
    settle()
    return interner.intern(bytes)
  }

  private func takeOther(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ action: ColumnAction
  ) {
    switch action.role {
    case .text: break
    case .number:
      let value = ValueText.number(bytes)
      if value.isNaN && !ValueText.isMissingNumber(bytes) { reject(index, action) }
      set(number: value, slot: action.slot)
    case .flag:
      let value = ValueText.flag(bytes)
      if value.isNaN && !bytes.isEmpty { reject(index, action) }
      set(number: value, slot: action.slot)
    case .time: takeTime(bytes, action.rank)
    case .id:
      if action.rank <= state.idRank && !bytes.isEmpty {
        state.id = bytes
        state.idRank = action.rank
      }
    case .kind:
      if action.rank <= state.kindRank && !bytes.isEmpty {
        state.kind = symbol(bytes)
        state.kindRank = action.rank
      }
    case .source: state.source = bytes.isEmpty ? .missing : symbol(bytes)
    case .truth:
      if action.rank <= state.truthRank && !bytes.isEmpty {
        state.isPositive = !tables.positives[symbol(bytes)].isMissing
        state.truthRank = action.rank
      }
    case .truthName:
      if action.rank <= state.nameRank && !bytes.isEmpty {
        state.truthName = bytes
        state.nameRank = action.rank
      }
    }
  }

  func takeTime(_ bytes: UnsafeBufferPointer<UInt8>, _ rank: Int32) {
    let text = trimmed(bytes)
    if rank > state.timeRank || text.isEmpty { return }
    if let moment = times.parse(text) {
      state.moment = moment
      state.timeState = .read
    } else {
      state.timeState = .unreadable
    }
    state.timeRank = rank
  }

  /// The kind and the constants that a syslog pattern gives.
  func take(kind: Symbol, constants: [(slot: Int, value: Symbol)]) {
    state.kind = kind
    for (slot, value) in constants { replace(slot, value) }
  }

  /// Takes a text that was made of others; it counts more than one taken before.
  func take(made text: UnsafeBufferPointer<UInt8>, slot: Int) { replace(slot, symbol(text)) }

  private func replace(_ slot: Int, _ value: Symbol) {
    if texts[slot &* capacity &+ row].rawValue == RowAssembler.awaited.rawValue { settle() }
    set(text: value, slot: slot)
  }

  @inline(__always)
  private func set(text: Symbol, slot: Int) { texts[slot &* capacity &+ row] = text }

  @inline(__always)
  private func set(number: Double, slot: Int) { numbers[slot &* capacity &+ row] = number }

  private func reject(_ index: Int, _ action: ColumnAction) {
    if action.isRequired { state.badAction = index } else { unreadable += 1 }
  }

  /// Commits the row, or says why it cannot be.
  func finish(
    content: UnsafeBufferPointer<UInt8>, position: RecordPosition, origin: EventOrigin
  ) throws(Rejection) {
    switch state.timeState {
    case .read: break
    case .unreadable: throw Rejection(reason: .badTime, detail: "the time cannot be read")
    case .missing: throw Rejection(reason: .missingTime, detail: "the time is missing")
    }
    if state.badAction >= 0 || !hasRequired { throw refusal() }
    var kind = try settledKind()
    if !plan.kindSettings.isEmpty { set(kind) }
    if !plan.kindSplits.isEmpty { kind = split(kind) }
    var source = state.source
    if source.rawValue != ownSource.rawValue {
      if source.rawValue == 0 {
        source = ownSource
      } else if !takesAnySource {
        throw strangeSource()
      }
    }
    var id = state.id
    if id.isEmpty {
      digest.write(position, content: content, to: hexadecimal)
      id = UnsafeBufferPointer(start: hexadecimal, count: 32)
    }
    batch.commit(
      time: state.moment.time, zoneOffsetSeconds: state.moment.offset, kind: kind, source: source,
      primarySlot: primarySlot(kind), id: id, origin: origin)
    if mustSettle { settle() }
    if state.isPositive { addLabel() }
  }

  private var hasRequired: Bool { tables.required.allSatisfy(isThere) }

  @inline(__always)
  private func isThere(_ need: RowPlan.Required) -> Bool {
    let place = need.slot &* capacity &+ row
    return need.isText ? texts[place].rawValue != 0 : !numbers[place].isNaN
  }

  private func refusal() -> Rejection {
    if state.badAction >= 0 {
      let name = plan.name(ofAction: state.badAction)
      return Rejection(
        reason: .badNumber, detail: "'\(name)' is not a \(actions[state.badAction].role)")
    }
    let missing = tables.required.first { !isThere($0) }
    let name = missing.map { plan.requiredNames[$0.name] } ?? ""
    return Rejection(reason: .missingValue, detail: "'\(name)' is missing")
  }

  private func strangeSource() -> Rejection {
    Rejection(
      reason: .otherSource,
      detail: "the source is '\(interner.text(of: state.source))', not '\(mapping.id)'")
  }

  @inline(__always)
  private func settledKind() throws(Rejection) -> Symbol {
    let kind = state.kind
    if kind.rawValue != 0 {
      if tables.kindsStand { return kind }
      let known = tables.kindValues[kind]
      if known.rawValue != 0 { return known }
    }
    if tables.kindDefault.rawValue != 0 { return tables.kindDefault }
    throw unknownKind()
  }

  /// Gives the fields that the source sets for a kind of event.
  private func set(_ kind: Symbol) {
    for setting in plan.kindSettings where setting.kind.rawValue == kind.rawValue {
      guard let from = setting.from else {
        replace(setting.slot, setting.value)
        continue
      }
      settle()
      let value = texts[from &* capacity &+ row]
      if !value.isMissing { set(text: value, slot: setting.slot) }
    }
  }

  /// The kind that an event of this one is by the value of another field.
  private func split(_ kind: Symbol) -> Symbol {
    for split in plan.kindSplits where split.kind.rawValue == kind.rawValue {
      settle()
      let value = texts[split.slot &* capacity &+ row].rawValue
      return split.kinds.first { $0.value.rawValue == value }?.kind ?? kind
    }
    return kind
  }

  private func unknownKind() -> Rejection {
    if state.kind.isMissing {
      return Rejection(reason: .unknownKind, detail: "the kind is missing")
    }
    return Rejection(
      reason: .unknownKind, detail: "the kind '\(interner.text(of: state.kind))' is not known")
  }

  private func primarySlot(_ kind: Symbol) -> UInt16 {
    for rule in tables.entityRules where rule.kind.rawValue == kind.rawValue {
      return first(of: rule.slots)
    }
    return first(of: tables.otherEntities)
  }

  private func first(of slots: Range<Int>) -> UInt16 {
    for index in slots {
      let slot = tables.entitySlots[index]
      if texts[Int(slot) &* capacity &+ row].rawValue != 0 { return slot }
    }
    return EventBatch.noEntity
  }

  private func addLabel() {
    guard let truth = mapping.truth else { return }
    settle()
    let entity = batch.primaryEntity(row)
    let field = entity.flatMap { entity in
      batch.schema.fields.first { $0.type == .text && $0.slot == entity.slot }
    }
    let raw = state.truthName.isEmpty ? nil : String(decoding: state.truthName, as: UTF8.self)
    let time = batch.time(row)
    labels.append(
      Label(
        entityField: field?.name ?? "", entity: entity.map { interner.text(of: $0.value) } ?? "",
        start: time, end: time, type: truth.type,
        name: raw.map { truth.names[$0] ?? $0 } ?? truth.name, severity: truth.severity,
        knownAt: time, eventID: batch.id(row)))
  }
}
