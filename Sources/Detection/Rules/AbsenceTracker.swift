package import Primitives

/// Tells of which entities nothing was heard for a time after an event that should have been followed.
///
/// A wait begins with the first event that asks for one, and further such events do not prolong it; what ends a wait may
/// begin the next. A wait is over, and reported, when the time of the stream (`WaitClock`) has passed its end.
package struct AbsenceTracker: Sendable {
  /// Bits of the mask by which an event says that it begins or ends a wait.
  package static let begins: UInt64 = 1
  package static let ends: UInt64 = 2

  /// A wait that ended with nothing.
  package struct Silence: Hashable, Sendable {
    package var entity: Symbol
    /// When the wait was over.
    package var time: Int64
    /// Of the event that began it.
    package var since: Int64
    package var kind: Symbol
    package var source: Symbol
    package var zoneOffset: Int32
    package var eventID: String
  }

  /// What an event has that begins a wait.
  package struct Anchor: Sendable {
    package var time: Int64
    package var kind: Symbol
    package var source: Symbol
    package var zoneOffset: Int32

    package init(time: Int64, kind: Symbol, source: Symbol, zoneOffset: Int32 = 0) {
      self.time = time
      self.kind = kind
      self.source = source
      self.zoneOffset = zoneOffset
    }
  }

  private struct Cell {
    var anchor: Anchor
    var isWaiting = false
    /// Events that begin a wait, so far, and the time of the first of them.
    var seen = 0
    var first: Int64
    /// The end that the heap holds for this slot; missing where it holds none.
    var queued: Int64?
    /// Kept and refilled, so that an event costs no allocation.
    var id: [UInt8] = []

    init(_ anchor: Anchor, id: [UInt8] = []) {
      self.anchor = anchor
      self.id = id
      first = anchor.time
    }
  }

  private let within: Int64
  private let afterEvents: Int
  private let afterSpan: Int64
  private var cells: [Cell] = []
  private var slots: EntitySlots
  private var queue = DeadlineQueue()
  /// Stream time.
  private var now = Int64.min

  package init(_ absence: EventPattern.Absence, capacity: Int = 65_536) {
    within = absence.within.microseconds
    afterEvents = absence.afterEvents
    afterSpan = absence.afterSpan.microseconds
    slots = EntitySlots(capacity: capacity)
  }

  /// One that watches nothing, to stand in while another's state is out.
  package static let idle = AbsenceTracker(
    EventPattern.Absence(of: [], after: [], within: .seconds(1), by: ""), capacity: 1)

  package var entities: Int { slots.count }
  package var evicted: Int { slots.evicted }
  package var stateBytes: Int {
    cells.count * (MemoryLayout<Cell>.stride + 48) + slots.reach * 32 + queue.count * 16
  }

  /// Takes an entity's next event, after `advance` to the stream time that it brings.
  package mutating func take(
    _ entity: Symbol, _ anchor: Anchor, mask: UInt64, id: UnsafeBufferPointer<UInt8>
  ) {
    if mask == 0 || entity.isMissing { return }
    let begins = mask & AbsenceTracker.begins != 0
    guard let slot = slots.slot(of: entity) ?? (begins ? claim(entity, anchor) : nil) else {
      return
    }
    slots.touch(slot)
    if mask & AbsenceTracker.ends != 0, cells[slot].isWaiting,
      anchor.time >= cells[slot].anchor.time
    {
      cells[slot].isWaiting = false
    }
    guard begins else { return }
    cells[slot].seen += 1
    guard !cells[slot].isWaiting, cells[slot].seen >= afterEvents,
      isKnownLongEnough(slot, at: anchor.time)
    else { return }
    cells[slot].isWaiting = true
    cells[slot].anchor = anchor
    cells[slot].id.removeAll(keepingCapacity: true)
    cells[slot].id.append(contentsOf: id)
    enqueue(slot)
  }

  /// Moves stream time and returns the waits that are over, in order of their end.
  package mutating func advance(to time: Int64) -> [Silence] {
    now = time
    var over: [Silence] = []
    while let first = queue.first, first.deadline < now {
      queue.removeFirst()
      let slot = Int(first.slot)
      guard cells[slot].queued == first.deadline else { continue }
      cells[slot].queued = nil
      guard cells[slot].isWaiting else { continue }
      let end = deadline(of: slot)
      if end >= now {
        enqueue(slot)
        continue
      }
      cells[slot].isWaiting = false
      let anchor = cells[slot].anchor
      over.append(
        Silence(
          entity: slots.symbol(at: slot), time: end, since: anchor.time, kind: anchor.kind,
          source: anchor.source, zoneOffset: anchor.zoneOffset,
          eventID: String(decoding: cells[slot].id, as: UTF8.self)))
    }
    return over
  }

  /// Time is taken back: waits that began later than it are dropped.
  package mutating func goBack(to time: Int64) {
    now = time
    for slot in cells.indices where cells[slot].isWaiting && cells[slot].anchor.time > time {
      cells[slot].isWaiting = false
    }
  }

  /// Whether `advance` to this time would look at anything.
  package func isDue(_ time: Int64) -> Bool { queue.first.map { $0.deadline < time } ?? false }

  private func isKnownLongEnough(_ slot: Int, at time: Int64) -> Bool {
    let (age, overflow) = time.subtractingReportingOverflow(cells[slot].first)
    return overflow ? time > cells[slot].first : age >= afterSpan
  }

  private func deadline(of slot: Int) -> Int64 {
    let (end, overflow) = cells[slot].anchor.time.addingReportingOverflow(within)
    return overflow ? .max : end
  }

  private mutating func enqueue(_ slot: Int) {
    let end = deadline(of: slot)
    if let queued = cells[slot].queued, queued <= end { return }
    cells[slot].queued = end
    queue.insert(DeadlineQueue.Entry(deadline: end, slot: Int32(truncatingIfNeeded: slot)))
    // Ends that moved forward leave their old entries behind; a stream made to do that must not grow the queue.
    if queue.count > 2 * cells.count + 64 { makeQueue() }
  }

  private mutating func makeQueue() {
    queue = DeadlineQueue(
      cells.enumerated().compactMap { slot, cell in
        cell.queued.map {
          DeadlineQueue.Entry(deadline: $0, slot: Int32(truncatingIfNeeded: slot))
        }
      })
  }

  private mutating func claim(_ entity: Symbol, _ anchor: Anchor) -> Int {
    let now = now
    let within = within
    let slot = slots.claim(entity) { [cells] slot in
      // One that waits for nothing matters only while it is being counted, which is forgotten after as long again.
      if cells[slot].isWaiting { return false }
      let (age, overflow) = now.subtractingReportingOverflow(cells[slot].anchor.time)
      return overflow || age / 2 > within
    }
    if slot == cells.count {
      cells.append(Cell(anchor))
    } else {
      let id = cells[slot].id
      cells[slot] = Cell(anchor, id: id)
    }
    return slot
  }

  /// Of a tracker of the same absence.
  package mutating func code(_ coder: inout StateCoder) {
    slots.code(&coder)
    coder.signed(&now)
    let nobody = Cell(Anchor(time: 0, kind: .missing, source: .missing))
    coder.list(&cells, upTo: slots.reach, empty: nobody) { coder, cell in
      coder.signed(&cell.anchor.time)
      coder.symbol(&cell.anchor.kind)
      coder.symbol(&cell.anchor.source)
      coder.whole(&cell.anchor.zoneOffset, in: -86_400...86_400)
      coder.flag(&cell.isWaiting)
      coder.whole(&cell.seen, in: 0...StateCoder.most)
      coder.signed(&cell.first)
      coder.optional(&cell.queued)
      coder.raw(&cell.id)
    }
    coder.require(cells.count == slots.reach, "an entity lacks what it waits for")
    if coder.isReading { makeQueue() }
  }
}

/// Ends of waits, the earliest first; a binary heap, equal ends in order of slot.
private struct DeadlineQueue {
  struct Entry {
    var deadline: Int64
    var slot: Int32

    static func < (a: Entry, b: Entry) -> Bool { (a.deadline, a.slot) < (b.deadline, b.slot) }
  }

  private var heap: [Entry] = []

  init() {}

  init(_ entries: [Entry]) { heap = entries.sorted { $0 < $1 } }

  var count: Int { heap.count }
  var first: Entry? { heap.first }

  mutating func insert(_ entry: Entry) {
    heap.append(entry)
    var place = heap.count - 1
    while place > 0, heap[place] < heap[(place - 1) / 2] {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeFirst() {
    guard let last = heap.popLast(), !heap.isEmpty else { return }
    heap[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if heap[child] < heap[least] { least = child }
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
