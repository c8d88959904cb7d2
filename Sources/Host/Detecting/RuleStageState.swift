import Detection
import Primitives

/// What rules wait for, as bytes: for each rule with a pattern its id, a digest of the pattern, and its state.
extension RuleStage {
  /// Between batches.
  func encodedState() -> [UInt8] {
    var time = StateCoder(interner)
    clock.code(&time)
    var writer = StateWriter()
    writer.append(time.bytes)
    for (rule, watch) in watched {
      var coder = StateCoder(interner)
      watch.code(&coder)
      writer.append(Array(rule.utf8))
      writer.fixed(watch.digest)
      writer.append(coder.bytes)
    }
    return writer.bytes
  }

  /// Goes on with what rules waited for; before the first batch, by the thread that interns.
  ///
  /// - Returns: rules that begin anew, because they were not there then or waited for something else.
  func restore(_ bytes: [UInt8]) throws(StateDamage) -> [String] {
    var reader = StateReader(bytes[...])
    var time = StateCoder(reading: try reader.raw(), interner)
    clock.code(&time)
    try time.finish()
    var anew = Dictionary(uniqueKeysWithValues: watched)
    while reader.left > 0 {
      let rule = String(decoding: try reader.raw(), as: UTF8.self)
      let digest = try reader.fixed()
      let state = try reader.raw()
      guard let watch = anew[rule], watch.digest == digest else { continue }
      var coder = StateCoder(reading: state, interner)
      watch.code(&coder)
      try coder.finish()
      anew[rule] = nil
    }
    return anew.keys.sorted()
  }
}
