/// When the events of one entity are sampled, and where the samples lie. Zeroed, it has seen nothing.
///
/// Systematic sampling: every `step`-th event, where `step` is how many events the entity had in the last calendar hour in
/// which it had any, and at most two in one calendar hour. So a quiet entity has each event sampled, a busy one about one
/// an hour, drawn from all of its events alike and not from the first of each hour, and a burst leaves two samples. The first
/// eight events are sampled whatever the rhythm: from then on something is known of everybody.
struct ProfileHead {
  var block: UnsafeMutablePointer<ProfileBlock>?
  /// The local calendar hour of the newest event, and how many events there were in it so far.
  var hour: Int64
  var inHour: UInt32
  /// Events from one sample to the next; 0 before the first event.
  var step: UInt32
  /// Events until the next sample.
  var left: UInt32
  /// Samples of this hour, 2 at most.
  var taken: UInt16
  /// Events so far, 8 at most.
  var first: UInt16

  /// Counts an event in a calendar hour; whether it is to be sampled.
  @inline(__always)
  mutating func isSampled(hour now: Int64) -> Bool {
    if step == 0 {
      (hour, step, left) = (now, 1, 1)
    } else if now != hour {
      step = max(1, inHour)
      left = min(left, step)
      (hour, inHour, taken) = (now, 0, 0)
    }
    inHour &+= 1
    left -= 1
    let isDue = left == 0
    if isDue { left = step }
    if first < UInt16(Usual.fewest) {
      first += 1
    } else if !isDue || taken >= 2 {
      return false
    }
    taken = min(2, taken + 1)
    return true
  }
}

/// The newest samples of one entity: rows of single-precision numbers, the hour of the week first.
///
/// A ring with room for the newest `limit` as seen from any row of the batch at hand, so that an earlier row of a batch can
/// still be told what was usual before it, however many samples came after it.
struct ProfileBlock {
  /// Samples of an entity at most: five weeks of one that is active for ten hours of each working day.
  static let most = 256
  static let fewest = 8

  var cells: UnsafeMutablePointer<Float>
  let width: Int
  var capacity: Int
  /// How many of the newest samples count; grows from 8 to 256.
  var limit: Int
  /// Samples so far, also those that were let go.
  var end: UInt64 = 0
  /// The batch of the last sample, and how many samples came before that batch.
  var batch = UInt64.max
  var before: UInt64 = 0

  init(width: Int, limit: Int = fewest) {
    self.width = width
    self.limit = limit
    capacity = ProfileBlock.room(limit)
    // Not filled: a sample is written before anybody looks at it, and memory that nobody wrote costs nothing.
    cells = .allocate(capacity: capacity * width)
  }

  private static func room(_ limit: Int) -> Int { limit + max(4, limit / 8) }

  func sample(_ number: UInt64) -> UnsafeMutablePointer<Float> {
    cells + Int(number % UInt64(capacity)) * width
  }

  /// Where the next sample goes, in a batch known by a number.
  mutating func next(batch now: UInt64) -> UnsafeMutablePointer<Float> {
    if batch != now {
      (batch, before) = (now, end)
      if capacity > 2 * ProfileBlock.room(limit) { resize(to: ProfileBlock.room(limit)) }
    }
    let needed = limit + Int(end - before) + 1
    if needed > capacity { resize(to: max(ProfileBlock.room(limit), needed + needed / 2)) }
    end += 1
    return sample(end - 1)
  }

  private mutating func resize(to room: Int) {
    let kept = min(end, UInt64(min(capacity, room)))
    let old = self
    capacity = room
    cells = .allocate(capacity: room * width)
    for number in (end - kept)..<end {
      sample(number).update(from: old.sample(number), count: width)
    }
    old.cells.deallocate()
  }

  var bytes: Int { capacity * width * 4 }
}

/// What one row knows of its entity's samples: those before it.
struct ProfileView {
  var block: UnsafeMutablePointer<ProfileBlock>?
  var end: UInt64
  var limit: Int32
  /// 0 ... 167 on the source's clock.
  var hour: Int32
  /// Tells the entity from its peers.
  var owner: UInt32
  /// Which field names it.
  var kind: UInt16
  /// How many events had arrived before it.
  var arrival: UInt64

  static var none: ProfileView {
    ProfileView(block: nil, end: 0, limit: 0, hour: 0, owner: 0, kind: 0, arrival: 0)
  }
}

/// Samples of all entities of one partition, the newest last: what peers are held against.
struct PeerSamples {
  /// Samples of a partition that count.
  static let most = 8

  private(set) var cells: [Float] = []
  private(set) var arrivals: [UInt64] = []
  private(set) var owners: [UInt32] = []
  /// Which field names each: a card is no peer of a user.
  private(set) var kinds: [UInt16] = []
  private var batch = UInt64.max

  /// All samples of the batch at hand stay until it is over: an earlier row of it sees only those before it.
  mutating func append(
    _ sample: UnsafeMutablePointer<Float>, width: Int, owner: UInt32, kind: UInt16,
    arrival: UInt64, batch now: UInt64
  ) {
    if batch != now {
      batch = now
      let old = max(0, owners.count - PeerSamples.most)
      cells.removeFirst(old * width)
      arrivals.removeFirst(old)
      owners.removeFirst(old)
      kinds.removeFirst(old)
    }
    cells.append(contentsOf: UnsafeBufferPointer(start: sample, count: width))
    arrivals.append(arrival)
    owners.append(owner)
    kinds.append(kind)
  }

  /// Adds one lane of those that counted before a row's event arrived, without its entity's own, and the first three owners.
  func gather(
    _ lane: Int, width: Int, beside view: ProfileView, into values: inout [Float],
    _ found: inout [UInt32]
  ) {
    var end = arrivals.count
    while end > 0 && arrivals[end - 1] >= view.arrival { end -= 1 }
    for place in max(0, end - PeerSamples.most)..<end {
      let owner = owners[place]
      if owner == view.owner || kinds[place] != view.kind { continue }
      let value = cells[place * width + lane]
      if !value.isFinite { continue }
      values.append(value)
      if found.count < Usual.fewestPeers && !found.contains(owner) { found.append(owner) }
    }
  }

  func encode(_ writer: inout StateWriter, width: Int) {
    let kept = max(0, owners.count - PeerSamples.most)..<owners.count
    writer.count(kept.count)
    for place in kept {
      writer.word(arrivals[place])
      writer.word(UInt64(owners[place]))
      writer.word(UInt64(kinds[place]))
      for lane in 0..<width { writer.number(cells[place * width + lane]) }
    }
  }

  static func decoded(
    _ reader: inout StateReader, width: Int, kind: (Int) throws(StateDamage) -> Int
  ) throws(StateDamage) -> PeerSamples {
    var peers = PeerSamples()
    for _ in 0..<(try reader.size(upTo: most)) {
      peers.arrivals.append(try reader.word())
      peers.owners.append(UInt32(try reader.size(upTo: Int(UInt32.max))))
      peers.kinds.append(UInt16(try kind(try reader.size(upTo: Int(UInt16.max)))))
      for _ in 0..<width { peers.cells.append(try reader.float()) }
    }
    return peers
  }
}
