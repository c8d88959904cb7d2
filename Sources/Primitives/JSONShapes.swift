/// Remembers how the lines of a file are built, so that a line built like one before needs no search for its keys.
///
/// What stands between the end of one value and the start of the next (`,"amount":`) depends on the bytes there alone
/// once it is known which object one is in. So a step from value to value that was worked out once is kept as its bytes
/// and where it leads, and found again by comparing them. What is found this way is what working it out again would
/// give; a step that is not found is worked out. Memory is bounded: a file that never repeats itself fills it once.
final class JSONShapes {
  /// A way on from a state.
  struct Step {
    var start: Int32
    var length: Int32
    /// The state after the value that follows; below 0 where the line ends.
    var target: Int32
    /// The next way on from the same state; below 0 at the last.
    var sibling: Int32
    /// The path of the value that follows; below 0 where it is skipped.
    var path: Int32
  }

  /// Being behind the value of one key in one object, or before the line.
  private struct State {
    var likely: Int32 = -1
    var first: Int32 = -1
    var place: Int32
  }

  /// Which object a key stands in, and the key.
  private struct Name: Hashable {
    var place: Int32
    var key: [UInt8]
  }

  private static let stepLimit = 4096
  private static let byteLimit = 1 << 17
  private static let lengthLimit = 256

  private(set) var steps: UnsafeMutablePointer<Step>
  private let states: UnsafeMutablePointer<State>
  private let bytes: UnsafeMutablePointer<UInt8>
  private var stepCount = 0
  private var stateCount = 1
  private var byteCount = 0
  private var names: [Name: Int32] = [:]

  init() {
    steps = .allocate(capacity: JSONShapes.stepLimit)
    states = .allocate(capacity: JSONShapes.stepLimit + 1)
    bytes = .allocate(capacity: JSONShapes.byteLimit)
    states.initialize(to: State(place: JSONPlaces.outside))
  }

  deinit {
    steps.deallocate()
    states.deallocate()
    bytes.deallocate()
  }

  /// The state before a line.
  static let start: Int32 = 0

  private(set) var isFull = false

  func forget() {
    stepCount = 0
    stateCount = 1
    byteCount = 0
    names.removeAll()
    states.initialize(to: State(place: JSONPlaces.outside))
    isFull = false
  }

  /// The object that a state is in.
  func place(_ state: Int32) -> Int32 { states[Int(state)].place }

  /// The step that the line takes from a state, or below 0.
  @inline(__always)
  func step(
    from state: Int32, _ line: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> Int32 {
    let likely = states[Int(state)].likely
    if likely < 0 { return -1 }
    if holds(likely, line, position) { return likely }
    return other(state, line, position)
  }

  private func other(
    _ state: Int32, _ line: UnsafeBufferPointer<UInt8>, _ position: Int
  ) -> Int32 {
    var step = states[Int(state)].first
    while step >= 0 {
      if holds(step, line, position) {
        states[Int(state)].likely = step
        return step
      }
      step = steps[Int(step)].sibling
    }
    return -1
  }

  @inline(__always)
  private func holds(
    _ index: Int32, _ line: UnsafeBufferPointer<UInt8>, _ position: Int
  ) -> Bool {
    let step = steps[Int(index)]
    let length = Int(step.length)
    let rest = line.count &- position
    if rest < length || (step.target < 0 && rest != length) { return false }
    let mine = UnsafeRawPointer(bytes + Int(step.start))
    // A line with `length` bytes left, which are one or more, has an address.
    let theirs = UnsafeRawPointer(line.baseAddress.unsafelyUnwrapped + position)
    if length >= 8 {
      var at = 0
      while at + 8 <= length {
        if word(mine, at) != word(theirs, at) { return false }
        at += 8
      }
      return word(mine, length - 8) == word(theirs, length - 8)
    }
    for at in 0..<length
    where mine.load(fromByteOffset: at, as: UInt8.self)
      != theirs.load(fromByteOffset: at, as: UInt8.self)
    {
      return false
    }
    return true
  }

  @inline(__always)
  private func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  // MARK: learning

  /// Keeps a step to the value of a key, and gives the state behind that value; below 0 where there is no room.
  func learn(
    from state: Int32, _ segment: UnsafeBufferPointer<UInt8>, place: Int32,
    key: UnsafeBufferPointer<UInt8>, path: Int32
  ) -> Int32 {
    guard state >= 0, hasRoom(segment) else { return -1 }
    let name = Name(place: place, key: Array(key))
    var target = names[name] ?? -1
    if target < 0 {
      target = Int32(stateCount)
      (states + stateCount).initialize(to: State(place: place))
      stateCount += 1
      names[name] = target
    }
    keep(segment, from: state, target: target, path: path)
    return target
  }

  /// Keeps a step to the end of the line.
  func learnEnd(from state: Int32, _ segment: UnsafeBufferPointer<UInt8>) {
    if state >= 0 && hasRoom(segment) { keep(segment, from: state, target: -1, path: -1) }
  }

  private func hasRoom(_ segment: UnsafeBufferPointer<UInt8>) -> Bool {
    if segment.count > JSONShapes.lengthLimit { return false }
    isFull =
      stepCount == JSONShapes.stepLimit || byteCount + segment.count > JSONShapes.byteLimit
    return !isFull
  }

  private func keep(
    _ segment: UnsafeBufferPointer<UInt8>, from state: Int32, target: Int32, path: Int32
  ) {
    if let base = segment.baseAddress {
      (bytes + byteCount).update(from: base, count: segment.count)
    }
    (steps + stepCount).initialize(
      to: Step(
        start: Int32(byteCount), length: Int32(segment.count), target: target,
        sibling: states[Int(state)].first, path: path))
    states[Int(state)].first = Int32(stepCount)
    states[Int(state)].likely = Int32(stepCount)
    byteCount += segment.count
    stepCount += 1
  }
}
