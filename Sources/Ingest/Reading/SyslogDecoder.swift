import Detection
import Primitives

/// Takes lines of a syslog file apart: `Mmm dd hh:mm:ss host program[pid]: message`, the message by the mapping's patterns.
///
/// A time in ISO 8601 and a leading `<priority>` are taken too. `message repeated N times: [ … ]` stands for N messages.
final class SyslogDecoder {
  /// More repetitions than this in one line are taken as this many.
  private static let repeatLimit = 1 << 16

  private struct Rule {
    var match: SyslogPattern
    var kind: Symbol
    var constants: [(slot: Int, value: Symbol)]
    /// Actions of each capture, in order.
    var captures: [Range<Int>]
  }

  private let programs: [[UInt8]]
  private let rules: [Rule]
  private let host: Range<Int>
  private let program: Range<Int>
  private let pid: Range<Int>
  private let captures: UnsafeMutableBufferPointer<Range<Int>>

  init(mapping: SourceMapping, plan: RowPlan, schema: Schema, interner: Interner) {
    func actions(_ name: String) -> Range<Int> {
      plan.names.firstIndex(of: name).map { plan.ranges[$0] } ?? 0..<0
    }
    programs = mapping.programs.map { Array($0.utf8) }
    rules = mapping.patterns.map { pattern in
      Rule(
        match: pattern.match, kind: interner.intern(pattern.kind),
        constants: pattern.constants.sorted { $0.key < $1.key }.compactMap { name, value in
          guard let field = schema.field(name), field.type == .text else { return nil }
          return (field.slot, interner.intern(value))
        }, captures: pattern.match.captures.map(actions))
    }
    host = actions("host")
    program = actions("program")
    pid = actions("pid")
    captures = .allocate(capacity: SyslogPattern.holeLimit)
    captures.initialize(repeating: 0..<0)
  }

  deinit { captures.deallocate() }

  /// How many events the line stands for; 0 where it matches no pattern, which is no fault.
  func decode(
    _ line: UnsafeBufferPointer<UInt8>, into row: RowAssembler
  ) throws(Rejection) -> Int {
    guard let head = SyslogHead(line) else {
      throw Rejection(reason: .notSyslog, detail: "the line does not start as a syslog line does")
    }
    row.takeTime(UnsafeBufferPointer(rebasing: line[head.time]), 0)
    if !programs.isEmpty && !programs.contains(where: { equals($0, line, head.program) }) {
      return 0
    }
    var message = UnsafeBufferPointer(rebasing: line[head.message])
    var copies = 1
    if let (count, inner) = SyslogDecoder.repeated(message) {
      copies = min(count, SyslogDecoder.repeatLimit)
      message = UnsafeBufferPointer(rebasing: message[inner])
    }
    for rule in rules where rule.match.matches(message, captures: captures) {
      take(line, head.host, host, row)
      take(line, head.program, program, row)
      take(line, head.pid, pid, row)
      for (index, actions) in rule.captures.enumerated() {
        take(message, captures[index], actions, row)
      }
      row.take(kind: rule.kind, constants: rule.constants)
      return copies
    }
    return 0
  }

  private func take(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ actions: Range<Int>,
    _ row: RowAssembler
  ) {
    for action in actions {
      row.take(UnsafeBufferPointer(rebasing: bytes[range]), action: action)
    }
  }

  private func equals(
    _ word: [UInt8], _ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Bool {
    word.count == range.count
      && (0..<word.count).allSatisfy { word[$0] == line[range.lowerBound + $0] }
  }

  /// The count and the message of `message repeated N times: [ … ]`.
  private static func repeated(
    _ message: UnsafeBufferPointer<UInt8>
  ) -> (count: Int, inner: Range<Int>)? {
    let start: StaticString = "message repeated "
    let middle: StaticString = " times: ["
    guard holds(message, 0, start), message.last == UInt8(ascii: "]") else { return nil }
    var at = start.utf8CodeUnitCount
    var count = 0
    while at < message.count, message[at] &- 0x30 < 10 {
      count = min(count * 10 + Int(message[at] &- 0x30), repeatLimit)
      at += 1
    }
    guard count > 0, holds(message, at, middle) else { return nil }
    at += middle.utf8CodeUnitCount
    if at < message.count && message[at] == 0x20 { at += 1 }
    return at <= message.count - 1 ? (count, at..<(message.count - 1)) : nil
  }

  private static func holds(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ word: StaticString
  ) -> Bool {
    if at + word.utf8CodeUnitCount > bytes.count { return false }
    for index in 0..<word.utf8CodeUnitCount where bytes[at + index] != word.utf8Start[index] {
      return false
    }
    return true
  }
}
