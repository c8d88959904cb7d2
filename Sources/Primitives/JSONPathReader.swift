/// Reads the values of one JSON object a line by the paths of their keys, without building anything.
///
/// Nested keys are joined with dots. Paths that are not known are checked and left out, as are lists. Every value of a key
/// that stands twice is given. All of a line is read in one call: a caller in another module pays for one.
package final class JSONPathReader {
  package struct Field {
    /// The number of the path.
    package var path: Int32
    /// Whether `number` is the value's own; it is NaN where that is beyond the largest double.
    package var isNumber: Bool
    package var number: Double
    /// The text of a string with its escapes resolved, or the bytes of a number or word; empty for null, objects and lists.
    package var bytes: UnsafeBufferPointer<UInt8>
  }

  private static let pathCapacity = 1 << 10
  /// A file whose lines no longer look like those before is learned anew after so many steps.
  private static let patience = 1 << 16
  private static let placeLimit = 1 << 10

  private let keys: KeyTable
  /// Per path, whether its numbers are to be read.
  private let numeric: UnsafeMutablePointer<Bool>
  private let shapes = JSONShapes()
  private var places = JSONPlaces()
  /// Steps worked out since the shapes had no room left.
  private var walks = 0
  private let path: UnsafeMutableBufferPointer<UInt8>
  private var space: UnsafeMutablePointer<UInt8>
  private var spaceCapacity = 1 << 10
  private var spaceUsed = 0
  /// What the last line held; valid until the next is read and as long as the line.
  package private(set) var fields: UnsafeMutablePointer<Field>
  private var count = 0
  private var capacity = 64

  /// - Parameter paths: each with whether numbers there are wanted as such; a path's number is its place.
  package init(_ paths: [(name: String, isNumeric: Bool)]) {
    keys = KeyTable(paths.enumerated().map { ($1.name, Int32($0)) })
    numeric = .allocate(capacity: max(1, paths.count))
    for (place, path) in paths.enumerated() {
      (numeric + place).initialize(to: path.isNumeric)
    }
    path = .allocate(capacity: JSONPathReader.pathCapacity)
    space = .allocate(capacity: spaceCapacity)
    fields = .allocate(capacity: capacity)
  }

  deinit {
    numeric.deallocate()
    path.deallocate()
    space.deallocate()
    fields.deallocate()
  }

  /// Reads a line into `fields` and gives their count. The line must be UTF-8.
  package func read(_ line: UnsafeBufferPointer<UInt8>) throws(JSONProblem) -> Int {
    prepare(line.count)
    var scanner = JSONScanner(line)
    var state = JSONShapes.start
    var place = JSONPlaces.outside
    while true {
      let known = state < 0 ? -1 : shapes.step(from: state, line, at: scanner.position)
      if known >= 0 {
        let step = shapes.steps[Int(known)]
        if step.target < 0 { return count }
        scanner.position &+= Int(step.length)
        try value(&scanner, path: step.path, in: step.target)
        state = step.target
      } else {
        if state >= 0 { place = shapes.place(state) }
        if shapes.isFull { walks += 1 }
        let start = scanner.position
        guard let member = try walk(&scanner, from: place) else {
          shapes.learnEnd(from: state, UnsafeBufferPointer(rebasing: line[start...]))
          return count
        }
        place = member.place
        state =
          member.isLearnable
          ? shapes.learn(
            from: state, UnsafeBufferPointer(rebasing: line[start..<scanner.position]),
            place: place, key: member.key, path: member.path) : -1
        try anyValue(&scanner, path: member.path, depth: places.depth(place))
      }
    }
  }

  private func prepare(_ length: Int) {
    if spaceCapacity < length {
      space.deallocate()
      spaceCapacity = length * 2
      space = .allocate(capacity: spaceCapacity)
    }
    spaceUsed = 0
    count = 0
    if walks > JSONPathReader.patience || places.count > JSONPathReader.placeLimit {
      walks = 0
      shapes.forget()
      places = JSONPlaces()
    }
  }

  // MARK: from value to value

  /// A key whose value comes next.
  private struct Member {
    var place: Int32
    var key: UnsafeBufferPointer<UInt8>
    /// Below 0 where it is not known.
    var path: Int32
    /// False where an object under this key would lead on.
    var isLearnable: Bool
  }

  /// Goes from the start of the line, or from behind a value, to the next value that is not an object on the way to
  /// known keys; missing at the end of the line.
  private func walk(
    _ scanner: inout JSONScanner, from start: Int32
  ) throws(JSONProblem) -> Member? {
    var place = start
    var isAtMember = false
    if place == JSONPlaces.outside {
      guard try scanner.peek() == .object else {
        throw JSONProblem(offset: 0, message: "the line is not a JSON object")
      }
      place = JSONPlaces.top
      isAtMember = scanner.enter(closing: UInt8(ascii: "}"))
      if !isAtMember { place = JSONPlaces.outside }
    }
    while true {
      if !isAtMember {
        if place == JSONPlaces.outside {
          try scanner.end()
          return nil
        }
        isAtMember = try scanner.goesOn(closing: UInt8(ascii: "}"))
        if !isAtMember {
          place = places.parent(place)
          continue
        }
      }
      let key = resolved(try scanner.key())
      var found = KeyTable.unknown
      if let length = places.path(key, in: place, to: path) {
        found = keys.find(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(path)[..<length]))
        if found == KeyTable.prefix, try scanner.peek() == .object {
          try scanner.checkDepth(places.depth(place) + 1)
          let inner = places.child(
            of: place, path: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(path)[..<length]))
          isAtMember = scanner.enter(closing: UInt8(ascii: "}"))
          if isAtMember { place = inner }
          continue
        }
      }
      scanner.skipBlanks()
      return Member(
        place: place, key: key, path: found >= 0 ? found : -1,
        isLearnable: found != KeyTable.prefix)
    }
  }

  // MARK: values

  @inline(__always)
  private func value(
    _ scanner: inout JSONScanner, path: Int32, in state: Int32
  ) throws(JSONProblem) {
    if path >= 0 && scanner.position < scanner.bytes.count {
      let byte = scanner.bytes[scanner.position]
      if byte == UInt8(ascii: "\"") {
        let text = try scanner.string()
        add(path, text.isEscaped ? resolved(text) : text.bytes)
        return
      }
      if byte &- 0x30 < 10 || byte == UInt8(ascii: "-") {
        try number(&scanner, path)
        return
      }
    }
    try anyValue(&scanner, path: path, depth: places.depth(shapes.place(state)))
  }

  @inline(__always)
  private func number(_ scanner: inout JSONScanner, _ path: Int32) throws(JSONProblem) {
    let start = scanner.position
    if numeric[Int(path)] {
      let value = try scanner.decimal()
      add(
        path, UnsafeBufferPointer(rebasing: scanner.bytes[start..<scanner.position]),
        number: value ?? .nan, isNumber: true)
    } else {
      add(path, try scanner.number())
    }
  }

  private func anyValue(
    _ scanner: inout JSONScanner, path: Int32, depth: Int
  ) throws(JSONProblem) {
    if path < 0 { return try scanner.skipValue(depth: depth + 1) }
    let token = try scanner.peek()
    switch token {
    case .string: add(path, resolved(try scanner.string()))
    case .number: try number(&scanner, path)
    case .true, .false: add(path, try scanner.word(token))
    case .null:
      _ = try scanner.word(token)
      add(path, UnsafeBufferPointer(start: nil, count: 0))
    case .object, .list:
      try scanner.skipValue(depth: depth + 1)
      add(path, UnsafeBufferPointer(start: nil, count: 0))
    }
  }

  @inline(__always)
  private func add(
    _ path: Int32, _ bytes: UnsafeBufferPointer<UInt8>, number: Double = .nan,
    isNumber: Bool = false
  ) {
    if count == capacity { grow() }
    (fields + count).initialize(
      to: Field(path: path, isNumber: isNumber, number: number, bytes: bytes))
    count &+= 1
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Field>.allocate(capacity: capacity * 2)
    larger.update(from: fields, count: count)
    fields.deallocate()
    fields = larger
    capacity *= 2
  }

  /// A string's text; where it has escapes, in space that stays until the next line.
  private func resolved(_ text: JSONScanner.Text) -> UnsafeBufferPointer<UInt8> {
    if !text.isEscaped { return text.bytes }
    let resolved = JSONScanner.resolve(text, into: space + spaceUsed)
    spaceUsed += resolved.count
    return resolved
  }
}
