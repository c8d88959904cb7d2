import Detection
import Foundation
import Ingest
import Primitives
import Store

/// Packs events on a thread of its own, in the order in which they are handed over: who judges does not wait for it.
final class PackingQueue: @unchecked Sendable {
  // Unchecked: every field below is read and written under `condition` only; batches belong to the queue while they are
  // packed, and the interner's texts may be read by any thread.

  /// Events on their way to a block.
  struct Order {
    var rows: Range<Int>
    /// How many events of the stream were judged before the first row.
    var start: Int
    /// As in `KeptBlock`.
    var replaces: [Int64]
  }

  /// Encoded bytes of a block; beyond them it is cut in two.
  private static let blockBytes = 16 << 20
  /// Emptied batches that are kept for the next events.
  private static let mostSpare = 4

  private let interner: Interner
  private let packer: ZstdPacker
  private let queue = DispatchQueue(label: "kept events")
  private let condition = NSCondition()
  private var spare: [EventBatch] = []
  private var packed: [KeptBlock] = []
  /// Orders that are not done.
  private var running = 0
  private var failure: Failure?

  init(interner: Interner) throws(Failure) {
    self.interner = interner
    packer = try ZstdPacker()
  }

  /// Blocks that wait to be taken, one for each order that is not done.
  var waiting: Int {
    condition.lock()
    defer { condition.unlock() }
    return running + packed.count
  }

  /// An empty batch; one that was packed before where there is such.
  func batch(_ schema: Schema) -> EventBatch {
    condition.lock()
    defer { condition.unlock() }
    return spare.popLast() ?? EventBatch(schema: schema)
  }

  /// Begins to pack rows of a batch, which nobody else uses from now on.
  func pack(_ batch: EventBatch, _ order: Order) {
    condition.lock()
    running += 1
    condition.unlock()
    queue.async { [self] in
      var blocks: [KeptBlock] = []
      var problem: Failure?
      do throws(Failure) {
        try add(batch, order, to: &blocks)
      } catch {
        problem = error
      }
      batch.removeAll()
      condition.lock()
      packed += blocks
      failure = failure ?? problem
      if spare.count < PackingQueue.mostSpare { spare.append(batch) }
      running -= 1
      condition.broadcast()
      condition.unlock()
    }
  }

  /// Packs rows of a batch at once, on the thread that asks; after all that was handed over before. Returns the number of
  /// blocks that it took.
  func packNow(_ batch: EventBatch, _ order: Order) throws(Failure) -> Int {
    try settle()
    var blocks: [KeptBlock] = []
    try add(batch, order, to: &blocks)
    condition.lock()
    packed += blocks
    condition.unlock()
    return blocks.count
  }

  /// All blocks that were handed over and not taken yet, when the last of them is packed.
  func take() throws(Failure) -> [KeptBlock] {
    try settle()
    condition.lock()
    defer { condition.unlock() }
    defer { packed = [] }
    return packed
  }

  private func settle() throws(Failure) {
    condition.lock()
    while running > 0 { condition.wait() }
    let problem = failure
    condition.unlock()
    if let problem { throw problem }
  }

  /// One after the other by whoever packs: the packer is used by one thread at a time.
  private func add(
    _ batch: EventBatch, _ order: Order, to blocks: inout [KeptBlock]
  ) throws(Failure) {
    let rows = order.rows
    let block = EventBlock(batch, rows: rows, interner: interner)
    if block.bytes.count > PackingQueue.blockBytes && rows.count > 1 {
      let middle = rows.lowerBound + rows.count / 2
      var (first, second) = (order, order)
      first.rows = rows.lowerBound..<middle
      second.rows = middle..<rows.upperBound
      second.start += middle - rows.lowerBound
      second.replaces = []
      try add(batch, first, to: &blocks)
      try add(batch, second, to: &blocks)
      return
    }
    blocks.append(
      KeptBlock(
        start: order.start, events: rows.count, first: block.first, last: block.last,
        filter: block.filter.bytes, body: try packer.pack(block.bytes), replaces: order.replaces))
  }
}
