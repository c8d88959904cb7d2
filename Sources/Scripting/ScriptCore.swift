import CLuaShim
import Primitives

/// The C state and the callbacks it reaches the host through; lives as long as a script, function or object of it.
final class ScriptCore {
  private let name: String
  private let functions: [HostFunction]
  private var state: OpaquePointer?
  private let memoryLimit: Int
  /// The source that runs, or ran last.
  private(set) var chunk: String

  init(name: String, limits: ScriptLimits, seed: UInt64, functions: [HostFunction])
    throws(ScriptError)
  {
    self.name = name
    self.functions = functions
    chunk = name
    memoryLimit = limits.memory
    var bounds = mw_limits(
      memory: limits.memory, source: limits.source, depth: UInt32(limits.depth),
      nodes: UInt32(limits.nodes), text: UInt32(limits.text), seed: seed)
    var host = callbacks
    host.context = Unmanaged.passUnretained(self).toOpaque()
    state = mw_open(name, &bounds, &host)
    guard state != nil else { throw outOfMemory }
  }

  deinit { if let state { mw_close(state) } }

  var outOfMemory: ScriptError {
    let limit =
      memoryLimit % (1 << 20) == 0 ? "\(memoryLimit >> 20) MiB" : "\(memoryLimit) bytes"
    return ScriptError(
      kind: .memory, message: "needs more than \(limit) of memory", chunk: chunk, line: nil)
  }

  func prepare(prelude: [String], keepsGlobals: Bool) throws(ScriptError) {
    for (id, function) in functions.enumerated() {
      try check(mw_register(state, function.name, Int32(id), function.waits))
    }
    for (index, source) in prelude.enumerated() {
      var source = source
      let status = source.withUTF8 { mw_prelude(state, $0.baseAddress, $0.count, "\(index + 1)") }
      try check(status)
    }
    try check(mw_freeze(state, keepsGlobals))
  }

  func load(_ source: [UInt8], chunk: String, deadline: TimeSpan) throws(ScriptError) -> ScriptValue
  {
    self.chunk = chunk
    let status = mw_load(state, source, source.count, chunk, nanoseconds(deadline))
    return try result(status, within: deadline)
  }

  func call(_ function: ScriptFunction, _ arguments: [ScriptValue], deadline: TimeSpan)
    throws(ScriptError) -> ScriptValue
  {
    enter(function)
    var writer = FlatWriter(core: self)
    for argument in arguments { writer.write(argument) }
    let bytes = writer.bytes
    let status = withExtendedLifetime((function, arguments)) {
      mw_call(state, function.reference, bytes, bytes.count, nanoseconds(deadline))
    }
    return try result(status, within: deadline)
  }

  /// A call that is made ready once.
  func prepared(
    _ function: ScriptFunction, _ first: ScriptObject, _ second: ScriptObject, deadline: TimeSpan
  ) -> PreparedCall {
    guard let state else { preconditionFailure("a script that was made has a state") }
    return PreparedCall(self, state, function, first, second, deadline: deadline)
  }

  /// What the call that was just made came to.
  func answer(
    _ status: mw_status, of function: ScriptFunction, within deadline: TimeSpan
  ) throws(ScriptError) -> ScriptValue {
    enter(function)
    return try result(status, within: deadline)
  }

  func call(
    _ function: ScriptFunction, _ first: ScriptObject, _ second: ScriptObject?, deadline: TimeSpan
  ) throws(ScriptError) -> ScriptValue {
    enter(function)
    var isNothing = false
    let status = withExtendedLifetime((function, first, second)) {
      mw_call_objects(
        state, function.reference, first.reference, second?.reference ?? -1,
        nanoseconds(deadline), &isNothing)
    }
    return isNothing ? .nil : try result(status, within: deadline)
  }

  private func enter(_ function: ScriptFunction) {
    if chunk != function.chunk { chunk = function.chunk }
  }

  func interrupt() { mw_interrupt(state) }
  func forgetInterruption() { mw_forget_interrupt(state) }

  /// Who looks at the lines that run; missing for nobody.
  var watcher: LineWatcher? {
    didSet {
      mw_tell_lines(
        state, watcher == nil ? nil : wantedCallback, watcher == nil ? nil : lineCallback)
    }
  }

  fileprivate func visit(_ line: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let watcher else { return }
    var reader = FlatReader(bytes, core: self)
    var visit = LineVisit(line: Int(line), bytes: bytes.count)
    while !reader.isAtEnd {
      let isLocal = reader.value().text == "local"
      let name = reader.value().text ?? ""
      let value = reader.value()
      if isLocal {
        visit.locals.append((name, value))
      } else {
        visit.outer.append((name, value))
      }
    }
    watcher.take(visit)
  }

  func makeObject(
    _ object: UnsafeMutableRawPointer, _ row: UnsafeMutablePointer<mw_row>?
  ) -> Int32 {
    mw_object(state, object, row)
  }
  func release(_ reference: Int32) { mw_release(state, reference) }

  func collect() { mw_collect(state) }
  var memory: Int { mw_memory(state) }
  var calls: Int { Int(mw_calls(state)) }
  var nanoseconds: Int { Int(truncatingIfNeeded: mw_nanoseconds(state)) }

  func nanoseconds(_ span: TimeSpan) -> Int64 {
    span.microseconds.multipliedReportingOverflow(by: 1000).partialValue
  }

  private func result(_ status: mw_status, within deadline: TimeSpan) throws(ScriptError)
    -> ScriptValue
  {
    try check(status, within: deadline)
    var reader = FlatReader(replied, core: self)
    let value = reader.value()
    if let reason = reader.brokenText {
      throw ScriptError(kind: .value, message: reason, chunk: chunk, line: nil)
    }
    return value
  }

  private var replied: UnsafeRawBufferPointer {
    var count = 0
    let bytes = mw_replied(state, &count)
    return UnsafeRawBufferPointer(start: bytes, count: count)
  }

  private func check(_ status: mw_status, within deadline: TimeSpan? = nil) throws(ScriptError) {
    guard status != MW_OK else { return }
    let line = Int(mw_error_line(state))
    var error = ScriptError(status, message: complaint, chunk: chunk, line: line > 0 ? line : nil)
    if error.kind == .deadline, mw_interrupted(state) {
      error.kind = .interrupted
      error.message = "stopped"
    } else if error.kind == .deadline, let deadline {
      error.message = "took longer than \(deadline)"
    }
    if error.kind == .memory { error.message = outOfMemory.message }
    throw error
  }

  /// The message of an error, no longer than anybody reads. A script may raise megabytes of it, and taking those apart
  /// would cost the host's time when the script's clock has stopped.
  private var complaint: String {
    let bytes = replied
    guard bytes.count > ScriptCore.longestComplaint else {
      return String(decoding: bytes, as: UTF8.self).streamSafe
    }
    var end = ScriptCore.longestComplaint
    // Back to where a character begins, which is three bytes away at most.
    while end > ScriptCore.longestComplaint - 3, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: bytes[..<end], as: UTF8.self).streamSafe
  }

  private static let longestComplaint = 2000

  // MARK: What the shim asks

  /// Runs a host function; false where the reply is a message.
  fileprivate func run(_ id: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    var reader = FlatReader(bytes, core: self)
    var arguments: [ScriptValue] = []
    while !reader.isAtEnd { arguments.append(reader.value()) }
    if let reason = reader.brokenText {
      reply(Array(reason.utf8))
      return false
    }
    do {
      var writer = FlatWriter(core: self)
      writer.write(try functions[Int(id)].body(arguments))
      reply(writer.bytes)
      return true
    } catch {
      reply(Array("\(error)".utf8))
      return false
    }
  }

  fileprivate func explainName(_ bytes: UnsafeRawBufferPointer) {
    var reader = FlatReader(bytes, core: self)
    var names: [String] = []
    while !reader.isAtEnd { names.append(reader.value().text ?? "") }
    let unknown = UnknownName(names[1], in: names[0], known: names[2...])
    reply(Array(unknown.message.utf8))
  }

  fileprivate func explainField(_ object: ScriptObject, _ name: String) {
    reply(Array(object.reader.unknownField(name).utf8))
  }

  private func reply(_ bytes: [UInt8]) { mw_reply(state, bytes, bytes.count) }
}

private let wantedCallback: mw_wanted = { context, line in
  let core = Unmanaged<ScriptCore>.fromOpaque(context!).takeUnretainedValue()
  return switch core.watcher?.wants(Int(line)) {
  case .look: MW_LOOK
  case .passOver: MW_PASS_OVER
  case .enough, nil: MW_ENOUGH
  }
}

private let lineCallback: mw_line = { context, line, bytes, count in
  let core = Unmanaged<ScriptCore>.fromOpaque(context!).takeUnretainedValue()
  core.visit(line, UnsafeRawBufferPointer(start: bytes, count: count))
}

// Unretained is right in all of these: a core outlives its state, an object is held by the call that was given it.
private var callbacks: mw_host {
  mw_host(
    context: nil,
    call: { context, id, bytes, count in
      let core = Unmanaged<ScriptCore>.fromOpaque(context!).takeUnretainedValue()
      return core.run(id, UnsafeRawBufferPointer(start: bytes, count: count)) ? 0 : 1
    },
    unknown_name: { context, bytes, count in
      let core = Unmanaged<ScriptCore>.fromOpaque(context!).takeUnretainedValue()
      core.explainName(UnsafeRawBufferPointer(start: bytes, count: count))
    },
    find_field: { object, name, count in
      let object = Unmanaged<ScriptObject>.fromOpaque(object!).takeUnretainedValue()
      return object.reader.field(named: UnsafeBufferPointer(start: name, count: count)) ?? -1
    },
    read_field: { object, field, value in
      Unmanaged<ScriptObject>.fromOpaque(object!)._withUnsafeGuaranteedRef { object in
        value!.pointee = mw_scalar(object.reader.value(ofField: field))
      }
    },
    unknown_field: { context, object, name, count in
      let core = Unmanaged<ScriptCore>.fromOpaque(context!).takeUnretainedValue()
      let object = Unmanaged<ScriptObject>.fromOpaque(object!).takeUnretainedValue()
      let name = String(decoding: UnsafeBufferPointer(start: name, count: count), as: UTF8.self)
      core.explainField(object, name)
    })
}

extension mw_scalar {
  fileprivate init(_ scalar: ScriptScalar) {
    self.init()
    switch scalar {
    case .nil: tag = UInt8(ascii: "n")
    case .flag(let flag): tag = UInt8(ascii: flag ? "t" : "f")
    case .integer(let n): (tag, integer) = (UInt8(ascii: "i"), n)
    case .number(let x): (tag, number) = (UInt8(ascii: "d"), x)
    case .text(let bytes): (tag, text, count) = (UInt8(ascii: "s"), bytes.baseAddress, bytes.count)
    case .duration(let span): (tag, integer) = (UInt8(ascii: "u"), span.microseconds)
    case .time(let time): (tag, integer) = (UInt8(ascii: "w"), time.microseconds)
    }
  }
}

extension ScriptError {
  /// From what the shim said. Lua's own place at the front is more exact than the line that the shim noted, unless
  /// it is in a prelude: then the line that called into it is the one to look at.
  fileprivate init(_ status: mw_status, message: String, chunk: String, line: Int?) {
    self.init(kind: Kind(status), message: message, chunk: chunk, line: line)
    // Lua shortens long names to 59 bytes.
    if let place = Place(message, after: chunk.utf8.prefix(59)) {
      self.message = place.rest
      self.line = place.line
    } else if message.utf8.starts(with: "[prelude ".utf8),
      let end = message.utf8.firstIndex(of: UInt8(ascii: "]")),
      let place = Place(message, after: message.utf8[...end])
    {
      // An error in a prelude itself, before any plugin ran, names the prelude.
      guard line != nil else { return }
      self.message = place.rest
    }
  }
}

/// `chunk:line: ` at the front of a message of Lua.
private struct Place {
  let line: Int
  let rest: String

  init?(_ message: String, after chunk: Substring.UTF8View) {
    let bytes = message.utf8
    guard bytes.starts(with: chunk) else { return nil }
    let numbered = bytes.dropFirst(chunk.count)
    let digits = numbered.dropFirst().prefix { (48...57).contains($0) }
    let after = numbered.dropFirst(digits.count + 1)
    guard numbered.first == UInt8(ascii: ":"), after.starts(with: ": ".utf8),
      let line = Int(Substring(digits))
    else { return nil }
    self.line = line
    rest = String(Substring(after.dropFirst(2)))
  }
}

extension ScriptError.Kind {
  fileprivate init(_ status: mw_status) {
    switch status {
    case MW_SYNTAX: self = .syntax
    case MW_DEADLINE: self = .deadline
    case MW_MEMORY: self = .memory
    case MW_VALUE: self = .value
    case MW_HOST: self = .host
    default: self = .runtime
    }
  }
}
