import Primitives

/// Hands the values of one JSON object to a row, by key, without building anything.
///
/// Nested keys are joined with dots. A list is checked and left out. Of a key that stands twice the last value counts.
final class JSONObjectDecoder {
  private static let pathCapacity = 1 << 10
  private let plan: RowPlan
  private let path: UnsafeMutablePointer<UInt8>
  private var space: UnsafeMutablePointer<UInt8>
  private var spaceCapacity = 1 << 10
  private var spaceUsed = 0

  init(plan: RowPlan) {
    self.plan = plan
    path = .allocate(capacity: JSONObjectDecoder.pathCapacity)
    space = .allocate(capacity: spaceCapacity)
  }

  deinit {
    path.deallocate()
    space.deallocate()
  }

  func decode(
    _ line: UnsafeBufferPointer<UInt8>, into row: RowAssembler
  ) throws(JSONProblem) {
    if spaceCapacity < line.count {
      space.deallocate()
      spaceCapacity = line.count * 2
      space = .allocate(capacity: spaceCapacity)
    }
    spaceUsed = 0
    var scanner = JSONScanner(line)
    guard try scanner.peek() == .object else {
      throw JSONProblem(offset: 0, message: "the line is not a JSON object")
    }
    try object(&scanner, into: row, prefix: 0, depth: 0)
    try scanner.end()
  }

  private func object(
    _ scanner: inout JSONScanner, into row: RowAssembler, prefix: Int, depth: Int
  ) throws(JSONProblem) {
    try scanner.checkDepth(depth)
    if !scanner.enter(closing: UInt8(ascii: "}")) { return }
    repeat {
      let used = spaceUsed
      var name = resolved(try scanner.key())
      var length = name.count
      if prefix > 0 {
        length = prefix + 1 + name.count
        if length <= JSONObjectDecoder.pathCapacity, let base = name.baseAddress {
          path[prefix] = UInt8(ascii: ".")
          (path + prefix + 1).update(from: base, count: name.count)
        }
        name = UnsafeBufferPointer(
          start: path, count: min(length, JSONObjectDecoder.pathCapacity))
      }
      let isKnowable = length <= JSONObjectDecoder.pathCapacity
      let found = isKnowable ? plan.keys.find(name) : KeyTable.unknown
      if found >= 0 {
        spaceUsed = used
        try value(&scanner, actions: plan.ranges[Int(found)], into: row, name: name, depth: depth)
      } else if found == KeyTable.prefix, try scanner.peek() == .object {
        if prefix == 0, let base = name.baseAddress { path.update(from: base, count: name.count) }
        spaceUsed = used
        try object(&scanner, into: row, prefix: length, depth: depth + 1)
      } else {
        spaceUsed = used
        try scanner.skipValue(depth: depth + 1)
      }
    } while try scanner.goesOn(closing: UInt8(ascii: "}"))
  }

  private func value(
    _ scanner: inout JSONScanner, actions: Range<Int>, into row: RowAssembler,
    name: UnsafeBufferPointer<UInt8>, depth: Int
  ) throws(JSONProblem) {
    let token = try scanner.peek()
    let bytes: UnsafeBufferPointer<UInt8>
    switch token {
    case .string: bytes = resolved(try scanner.string())
    case .number: bytes = try scanner.number()
    case .true, .false: bytes = try scanner.word(token)
    case .null:
      _ = try scanner.word(token)
      bytes = UnsafeBufferPointer(start: nil, count: 0)
    case .object, .list:
      try scanner.skipValue(depth: depth + 1)
      bytes = UnsafeBufferPointer(start: nil, count: 0)
    }
    for action in actions { row.take(bytes, action: action) }
  }

  /// A string's text; where it has escapes, in space that stays until the next line.
  private func resolved(_ text: JSONScanner.Text) -> UnsafeBufferPointer<UInt8> {
    if !text.isEscaped { return text.bytes }
    let resolved = JSONScanner.resolve(text, into: space + spaceUsed)
    spaceUsed += resolved.count
    return resolved
  }
}
