/// How a stage samples what its entities usually show, and how the samples end.
///
/// Samples cost a copy of the numbers asked for about once an hour of an entity, and nothing else on the way of an event.
/// Each of the 64 partitions has a share of the room: where it is used up, entities keep the samples that they have room for,
/// and new ones get none. So what is kept does not depend on the number of shards.
extension EntityStage {
  /// What the row may know of its entity, then the row itself where it is to be sampled.
  @inline(__always)
  func profile(
    _ samples: SampleTable, _ row: Int, _ upcoming: Upcoming, _ entity: UnsafeMutableRawPointer,
    _ values: UnsafeMutablePointer<Double>, time: Int64, zone: Int32, isBelieved: Bool
  ) {
    let head = (entity + program.profile).assumingMemoryBound(to: ProfileHead.self)
    let hours = localHours(time, zone)
    let block = head.pointee.block
    samples.setView(
      row, number,
      ProfileView(
        block: block, end: block?.pointee.end ?? 0, limit: Int32(block?.pointee.limit ?? 0),
        hour: Int32(truncatingIfNeeded: hourOfWeek(hours)), owner: hashes.mixed(upcoming.key),
        kind: UInt16(truncatingIfNeeded: upcoming.index), arrival: arrivals &+ UInt64(row)))
    if isBelieved && head.pointee.isSampled(hour: hours) {
      sample(head, row, upcoming, values, hourOfWeek(hours))
    }
  }

  /// Reads where an entity's next sample goes, where its next event is to be sampled.
  @inline(__always)
  func touchNextSample(_ entity: UnsafeMutableRawPointer) -> Int64 {
    let head = (entity + program.profile).assumingMemoryBound(to: ProfileHead.self)
    guard head.pointee.left <= 1, let block = head.pointee.block else { return 0 }
    let sample = UnsafeRawPointer(block.pointee.sample(block.pointee.end))
    var sum: Int64 = 0
    for offset in stride(from: 0, to: block.pointee.width * 4, by: 64) {
      sum &+= Int64((sample + offset).loadUnaligned(as: Int32.self))
    }
    return sum
  }

  @inline(never)
  private func sample(
    _ head: UnsafeMutablePointer<ProfileHead>, _ row: Int, _ upcoming: Upcoming,
    _ values: UnsafeMutablePointer<Double>, _ hour: Int
  ) {
    let width = program.sampled.count + 1
    guard let block = head.pointee.block ?? newBlock(upcoming.partition, width) else { return }
    head.pointee.block = block
    let limit = block.pointee.limit
    if block.pointee.end >= UInt64(limit), limit < ProfileBlock.most,
      takeShare(of: upcoming.partition, samples: limit, width)
    {
      block.pointee.limit = 2 * limit
    }
    let before = block.pointee.bytes
    let sample = block.pointee.next(batch: arrivals)
    bufferBytes += block.pointee.bytes - before
    sample[0] = Float(hour)
    for (lane, normal) in program.sampled.enumerated() {
      sample[lane + 1] = Float(values[normal.column])
    }
    peers[upcoming.partition].append(
      sample, width: width, owner: hashes.mixed(upcoming.key),
      kind: UInt16(truncatingIfNeeded: upcoming.index), arrival: arrivals &+ UInt64(row),
      batch: arrivals)
  }

  private func newBlock(_ partition: Int, _ width: Int) -> UnsafeMutablePointer<ProfileBlock>? {
    guard takeShare(of: partition, samples: ProfileBlock.fewest, width) else { return nil }
    let block = UnsafeMutablePointer<ProfileBlock>.allocate(capacity: 1)
    block.initialize(to: ProfileBlock(width: width))
    bufferBytes += block.pointee.bytes
    return block
  }

  private func takeShare(of partition: Int, samples: Int, _ width: Int) -> Bool {
    let bytes = samples * width * 4
    if profileBytes[partition] + bytes > profileShare { return false }
    profileBytes[partition] += bytes
    return true
  }

  /// Takes the samples from an entity that ends; rows of the batch at hand may still look at them.
  func endProfile(_ entity: UnsafeMutableRawPointer) {
    if program.profile < 0 { return }
    let head = (entity + program.profile).assumingMemoryBound(to: ProfileHead.self)
    guard let block = head.pointee.block else { return }
    let partition = Int(entity.assumingMemoryBound(to: EntityHead.self).pointee.partition)
    profileBytes[partition] -= block.pointee.limit * block.pointee.width * 4
    bufferBytes -= block.pointee.bytes
    endedProfiles.append(block)
    head.pointee.block = nil
  }

  /// For between batches.
  func freeEndedProfiles() {
    for block in endedProfiles {
      block.pointee.cells.deallocate()
      block.deallocate()
    }
    endedProfiles.removeAll(keepingCapacity: true)
  }

  // MARK: as bytes

  func encodeProfile(_ entity: UnsafeMutableRawPointer, _ writer: inout StateWriter) {
    if program.profile < 0 { return }
    let head = (entity + program.profile).assumingMemoryBound(to: ProfileHead.self).pointee
    writer.signed(head.hour)
    for count in [head.inHour, head.step, head.left, UInt32(head.taken), UInt32(head.first)] {
      writer.word(UInt64(count))
    }
    guard let block = head.block?.pointee else { return writer.count(0) }
    writer.count(block.limit)
    writer.word(block.end)
    for number in (block.end - min(block.end, UInt64(block.limit)))..<block.end {
      for lane in 0..<block.width { writer.number(block.sample(number)[lane]) }
    }
  }

  func decodeProfile(
    _ entity: UnsafeMutableRawPointer, _ reader: inout StateReader
  ) throws(StateDamage) {
    if program.profile < 0 { return }
    let head = (entity + program.profile).assumingMemoryBound(to: ProfileHead.self)
    head.pointee.hour = try reader.signed()
    let most = Int(UInt32.max)
    head.pointee.inHour = UInt32(try reader.size(upTo: most))
    head.pointee.step = UInt32(try reader.size(upTo: most))
    head.pointee.left = UInt32(try reader.size(upTo: most))
    head.pointee.taken = UInt16(try reader.size(upTo: 2))
    head.pointee.first = UInt16(try reader.size(upTo: Usual.fewest))
    if head.pointee.step > 0 && head.pointee.left == 0 {
      throw StateDamage(what: "a sampler has no next sample")
    }
    let limit = try reader.size(upTo: ProfileBlock.most)
    if limit == 0 { return }
    guard limit >= ProfileBlock.fewest, limit & (limit - 1) == 0 else {
      throw StateDamage(what: "a number of samples is none of the possible ones")
    }
    let end = try reader.word()
    guard end < .max / 2 else { throw StateDamage(what: "a number of samples is too large") }
    let width = program.sampled.count + 1
    let block = UnsafeMutablePointer<ProfileBlock>.allocate(capacity: 1)
    block.initialize(to: ProfileBlock(width: width, limit: limit))
    let partition = Int(entity.assumingMemoryBound(to: EntityHead.self).pointee.partition)
    profileBytes[partition] += limit * width * 4
    bufferBytes += block.pointee.bytes
    head.pointee.block = block
    block.pointee.end = end
    for number in (end - min(end, UInt64(limit)))..<end {
      let sample = block.pointee.sample(number)
      for lane in 0..<width { sample[lane] = try reader.float() }
      guard (0..<168).contains(sample[0]) else {
        throw StateDamage(what: "an hour of the week is out of range")
      }
    }
  }

  /// What is known of peers, by partition.
  func encodePeers(_ writer: inout StateWriter) {
    let held = peers.indices.filter { !peers[$0].owners.isEmpty }
    writer.count(held.count)
    for partition in held {
      writer.count(partition)
      peers[partition].encode(&writer, width: program.sampled.count + 1)
    }
  }

  /// - Parameter index: where each text field stands in this run, by where it stood.
  func decodePeers(
    _ reader: inout StateReader, index: [Int], keeps: (Int) -> Bool
  ) throws(StateDamage) {
    for _ in 0..<(try reader.size(upTo: EntityStore.partitions)) {
      let partition = try reader.size(upTo: EntityStore.partitions - 1)
      let read = try PeerSamples.decoded(&reader, width: program.sampled.count + 1) {
        (field) throws(StateDamage) in
        if entitySlot >= 0 { return 0 }
        guard index.indices.contains(field) else {
          throw StateDamage(what: "a field of peers is not known")
        }
        return index[field]
      }
      if keeps(partition) { peers[partition] = read }
    }
  }
}
