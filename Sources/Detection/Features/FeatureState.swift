package import Primitives

/// The state of an engine as bytes: a versioned, checksummed blob from which another engine goes on as if nothing had
/// happened, with any number of shards.
///
///     "MWSTATE" version  count  { length  section }…        one section a shard
///     section: plan digest, clock, arrivals, counters, stages, texts … and a checksum of all that
///
/// Times, numbers and counts come back bit for bit, so the rows that follow are the same. Texts are kept as texts: the
/// engine that reads may have met them in another order.
extension FeatureEngine {
  private static let magic = Array("MWSTATE".utf8)
  private static let version: UInt8 = 4

  /// What one shard holds. Shards may be asked on different threads at the same time, between batches.
  package func encodedSection(shard: Int) -> [UInt8] {
    let state = states[shard]
    var stages = StateWriter()
    var texts = TextTable()
    for stage in state.stages { stage.encode(&texts, &stages) }
    var writer = StateWriter()
    writer.fixed(stateDigest)
    var clock = StateCoder(plan.interner)
    state.clock.code(&clock)
    writer.append(clock.bytes)
    let fields = plan.schema.fields.filter { $0.type == .text }
    writer.count(fields.count)
    for field in fields {
      var name = field.name
      name.withUTF8 { writer.raw($0) }
    }
    texts.write(to: &writer, plan.interner)
    writer.append(stages.bytes)
    writer.fixed(stateChecksum(writer.bytes[...]))
    return writer.bytes
  }

  /// All that the engine holds, from the sections of all its shards in order.
  package static func encodedState(sections: [[UInt8]]) -> [UInt8] {
    var writer = StateWriter()
    for byte in magic { writer.byte(byte) }
    writer.byte(version)
    writer.count(sections.count)
    for section in sections { writer.append(section) }
    return writer.bytes
  }

  /// For between batches.
  package func encodedState() -> [UInt8] {
    FeatureEngine.encodedState(sections: (0..<shards).map { encodedSection(shard: $0) })
  }

  /// Takes over a state; the engine must not have processed anything yet. For the thread that interns.
  ///
  /// - Throws: `Failure(.input)` where the bytes are damaged, of another version or of other features. The engine is
  ///   not to be used then.
  package func restore(_ bytes: [UInt8]) throws(Failure) {
    do {
      try read(bytes)
    } catch {
      throw Failure(
        .input, "the window state cannot be used: \(error.what)",
        advice: "start from an earlier one, or without")
    }
  }

  private func read(_ bytes: [UInt8]) throws(StateDamage) {
    guard bytes.starts(with: FeatureEngine.magic) else {
      throw StateDamage(what: "it does not begin as a window state does")
    }
    var reader = StateReader(bytes[FeatureEngine.magic.count...])
    let version = try reader.byte()
    guard version == FeatureEngine.version else {
      throw StateDamage(
        what: "it is of version \(version), and this program reads \(FeatureEngine.version)")
    }
    let count = try reader.count()
    guard count > 0 else { throw StateDamage(what: "it is empty") }
    for _ in 0..<count { try read(section: try reader.raw()) }
    guard reader.left == 0 else { throw StateDamage(what: "something follows its end") }
  }

  private func read(section: ArraySlice<UInt8>) throws(StateDamage) {
    guard section.count > 8 else { throw StateDamage(what: "it ends too early") }
    let body = section.dropLast(8)
    var ending = StateReader(section.suffix(8))
    guard try ending.fixed() == stateChecksum(body) else {
      throw StateDamage(what: "its checksum does not match")
    }
    var reader = StateReader(body)
    guard try reader.fixed() == stateDigest else {
      throw StateDamage(what: "it was written for other features or another allowed lateness")
    }
    var time = StateCoder(reading: try reader.raw(), plan.interner)
    var clock = StreamClock()
    clock.code(&time)
    try time.finish()
    var index: [Int] = []
    for _ in 0..<(try reader.count()) {
      let name = String(decoding: try reader.raw(), as: UTF8.self)
      guard let field = plan.schema.field(name), field.type == .text else {
        throw StateDamage(what: "it knows a field '\(name)' that these events do not have")
      }
      index.append(field.slot)
    }
    let texts = try TextTable.read(&reader, plan.interner)
    let stages = try reader.raw()
    for (shard, state) in states.enumerated() {
      state.clock = clock
      var reader = StateReader(stages)
      for stage in state.stages {
        try stage.decode(
          &reader, texts, index: index, takesCounters: shard == 0,
          keepsPeers: { $0 % shards == shard },
          keeps: {
            let partition = state.hashes.partition($0)
            return partition % shards == shard ? partition : nil
          })
      }
      guard reader.left == 0 else { throw StateDamage(what: "something follows its end") }
    }
  }

  /// What the layout of a state depends on.
  private var stateDigest: UInt64 {
    var text = "\(limits.allowedLateness)\n"
    for definition in plan.definitions { text += "\(definition)\n" }
    for column in sampledColumns { text += "\(column) " }
    return StableHash.of(text.utf8)
  }
}

extension EntityStage {
  /// All entities of a stage, the least recently seen first.
  func encode(_ texts: inout TextTable, _ writer: inout StateWriter) {
    writer.word(arrivals)
    for value in [store.evicted, store.expired, tooLate] { writer.count(value) }
    for sweep in store.nextSweep { writer.count(sweep) }
    let pairs = seen.map { $0.byBirth }
    let slots = store.all.sorted {
      store.head($0).pointee.lastArrival < store.head($1).pointee.lastArrival
    }
    writer.count(slots.count)
    for slot in slots {
      let birth = store.head(slot).pointee.birth
      encode(slot, seen: pairs.map { $0[birth] ?? [] }, &texts, &writer)
    }
    encodePeers(&writer)
  }

  func decode(
    _ reader: inout StateReader, _ texts: [UInt32], index: [Int], takesCounters: Bool,
    keepsPeers: (Int) -> Bool, keeps: (EntityKey) -> Int?
  ) throws(StateDamage) {
    arrivals = try reader.word()
    let counters = [
      try reader.size(upTo: .max), try reader.size(upTo: .max), try reader.size(upTo: .max),
    ]
    if takesCounters {
      store.evicted &+= counters[0]
      store.expired &+= counters[1]
      tooLate &+= counters[2]
    }
    for partition in 0..<EntityStore.partitions {
      let sweep = try reader.size(upTo: .max)
      if sweep > store.nextSweep[partition] { store.restore(nextSweep: sweep, of: partition) }
    }
    for _ in 0..<(try reader.count()) {
      try decode(&reader, texts, index: index, keeps: keeps)
    }
    try decodePeers(&reader, index: index, keeps: keepsPeers)
    freeEndedProfiles()
  }
}
