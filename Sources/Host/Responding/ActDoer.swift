import Foundation
import Glibc
import Primitives
import Response
import Synchronization

/// Does one act once. What it throws says whether another try can help; nothing that it says holds a secret.
struct ActDoer {
  struct Problem: Error {
    var reason: String
    /// Whether another try can end otherwise.
    var isPassing: Bool
    /// Seconds that the other side asks to wait; 0 where it does not.
    var retryAfter = 0
    /// Whether the other side may have done it all the same.
    var mayBeDone = false
  }

  let settings: Settings
  let grant: Grant
  let plugin: String
  let alert: String

  private static let standardTimeout = TimeSpan.seconds(10)
  private static let longestTimeout = TimeSpan.seconds(60)
  private static let mostRetries = 10

  /// Tries beside the first that an act asks for.
  static func retries(_ act: Act) -> Int {
    Int(max(0, min(Double(mostRetries), act["retries"]?.number ?? 0)))
  }

  /// What came of it, as it is written down.
  ///
  /// - Parameter key: the same for the same act, for the other side to know it again by.
  func perform(_ act: Act, key: String) throws(Problem) -> JSONValue {
    switch act.word {
    case .httpPost, .httpGet: return try web(act, key: key)
    default: break
    }
    switch settings.acts[act.word.capability] {
    case .list(let name): return try list(act, name)
    case .file(let path): return try append(act, key: key, to: settings.resolve(path))
    case .post(let url, let allowsPrivate, let token):
      return try post(act, key: key, to: url, allowsPrivate: allowsPrivate, token: token)
    case nil:
      throw Problem(
        reason:
          "nobody does '\(act.word.capability)' here (say who under acts: in \(settings.file))",
        isPassing: false)
    }
  }

  // MARK: by HTTP

  private func web(_ act: Act, key: String) throws(Problem) -> JSONValue {
    let veil = SecretVeil(grant.secrets.values)
    func revealed(_ text: String) -> String { SecretToken.revealed(text) { grant.secrets[$0] } }
    var headers = ["Idempotency-Key: \(key)", "User-Agent: moonwatch/\(Version.text)", "Expect:"]
    for member in act["headers"]?.members ?? [] {
      headers.append(try ActDoer.header(member.key, revealed(ActDoer.text(member.value))))
    }
    var body: String?
    if act.word == .httpPost {
      body = ActDoer.revealed(act["json"] ?? .object([]), revealed).serialized()
      headers.append("Content-Type: application/json")
    }
    let asked = act["timeout"]?.number.flatMap { TimeSpan(seconds: $0) }
    let request = WebClient.Request(
      url: revealed(act["url"]?.text ?? ""), headers: headers, body: body,
      timeout: min(asked ?? ActDoer.standardTimeout, ActDoer.longestTimeout),
      allowsPrivate: grant.allowsPrivate)
    return try send(request, veil)
  }

  private func post(
    _ act: Act, key: String, to url: String, allowsPrivate: Bool, token place: String?
  ) throws(Problem) -> JSONValue {
    var headers = [
      "Idempotency-Key: \(key)", "User-Agent: moonwatch/\(Version.text)", "Expect:",
      "Content-Type: application/json",
    ]
    var secrets: [String] = []
    if let place {
      do throws(Failure) {
        let token = try SecretPlace.read(place, settings)
        secrets.append(token)
        headers.append("Authorization: Bearer \(token)")
      } catch {
        throw Problem(reason: error.description, isPassing: false)
      }
    }
    let request = WebClient.Request(
      url: url, headers: headers, body: notice(act, key: key).serialized(),
      timeout: ActDoer.standardTimeout, allowsPrivate: allowsPrivate)
    return try send(request, SecretVeil(secrets))
  }

  private func send(
    _ request: WebClient.Request, _ veil: SecretVeil
  ) throws(Problem) -> JSONValue {
    let answer: WebClient.Answer
    do {
      answer = try WebClient.perform(request)
    } catch {
      throw Problem(
        reason: veil.hide(error.reason + (error.advice.map { " (\($0))" } ?? "")),
        isPassing: error.isPassing, mayBeDone: error.wasSent && request.body != nil)
    }
    let text = veil.hide(answer.body, wasCut: answer.wasCut)
    guard (200..<300).contains(answer.status) else {
      let what =
        (300..<400).contains(answer.status)
        ? "the other side sends elsewhere (\(answer.status)), which is not followed"
        : "the other side answered \(answer.status)"
      let words = safe(String(text.prefix(200)))
      throw Problem(
        reason: words.isEmpty ? what : "\(what): \(words)",
        isPassing: answer.status == 429 || answer.status >= 500,
        retryAfter: answer.retryAfter)
    }
    return ["ok": .flag(true), "status": .integer(Int64(answer.status)), "body": .text(text)]
  }

  /// An answer as the plugin is given it: with what its body says as JSON, which is not written down a second time.
  static func given(_ answer: JSONValue) -> JSONValue {
    guard case .object(let members) = answer, let body = answer["body"]?.text else { return answer }
    do {
      return .object(members + [.init("json", try JSONValue.parse(body))])
    } catch {
      // Text that is no JSON is read as text only.
      return answer
    }
  }

  private static let ownHeaders: Set<String> = [
    "host", "content-length", "content-type", "transfer-encoding", "connection", "expect",
    "idempotency-key", "user-agent", "upgrade", "te", "trailer", "proxy-authorization",
  ]

  private static func header(_ name: String, _ value: String) throws(Problem) -> String {
    let isName =
      !name.isEmpty
      && name.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
          || $0 == 95
      }
    guard isName, !ownHeaders.contains(name.lowercased()) else {
      throw Problem(
        reason: "the header '\(safe(String(name.prefix(60))))' is not a plugin's to set",
        isPassing: false)
    }
    guard value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }), value.utf8.count <= 8192
    else {
      throw Problem(
        reason: "the header '\(name)' has control characters or is too long", isPassing: false)
    }
    return "\(name): \(value)"
  }

  private static func text(_ value: JSONValue) -> String {
    if case .text(let text) = value { text } else { value.serialized() }
  }

  private static func revealed(
    _ value: JSONValue, _ reveal: (String) -> String
  ) -> JSONValue {
    switch value {
    case .text(let text): .text(reveal(text))
    case .list(let elements): .list(elements.map { revealed($0, reveal) })
    case .object(let members):
      .object(members.map { .init($0.key, revealed($0.value, reveal)) })
    default: value
    }
  }

  // MARK: by list and file

  private static let adding: Set<ActWord> = [
    .directoryLock, .cardBlock, .addressBlock, .deviceIsolate,
  ]
  private static let removing: Set<ActWord> = [
    .directoryUnlock, .cardUnblock, .addressUnblock, .deviceRelease,
  ]

  private func list(_ act: Act, _ name: String) throws(Problem) -> JSONValue {
    let file = ListFile(path: settings.resolve(settings.lists) + "/\(name).txt")
    let needed = act.word.arguments.first(where: \.isNeeded)?.name ?? ""
    guard let entry = act[needed]?.text else {
      throw Problem(reason: "it names nobody", isPassing: false)
    }
    if act["duration"] != nil {
      throw Problem(
        reason: "a list keeps no duration (leave it out, or have acts.address done by post)",
        isPassing: false)
    }
    do throws(Failure) {
      let changed: Bool
      if ActDoer.adding.contains(act.word) {
        changed = try file.add(entry)
      } else if ActDoer.removing.contains(act.word) {
        changed = try file.remove(entry)
      } else {
        throw Failure(
          .unmet, "a list cannot do '\(act.word.rawValue)'",
          advice: "have acts.\(act.word.capability) done by post or into a file")
      }
      return ["ok": .flag(true), "changed": .flag(changed)]
    } catch {
      throw Problem(reason: error.description, isPassing: error.kind == .internal)
    }
  }

  /// What others are told of an act.
  private func notice(_ act: Act, key: String) -> JSONValue {
    [
      "key": .text(key), "act": .text(act.word.rawValue),
      "arguments": .object(act.arguments.map { .init($0.key, $0.value.withoutSecrets) }),
      "plugin": .text(plugin), "alert": .text(alert),
    ]
  }

  private func append(_ act: Act, key: String, to path: String) throws(Problem) -> JSONValue {
    guard case .object(let members) = notice(act, key: key) else {
      preconditionFailure("a notice is an object")
    }
    let time = JSONValue.Member("time", .text(WallClock.now().description))
    let line = JSONValue.object([time] + members).serialized() + "\n"
    if let reason = ActDoer.turn.withLock({ _ in ActDoer.append(Array(line.utf8), to: path) }) {
      throw Problem(reason: "cannot write '\(path)': \(systemError(reason))", isPassing: false)
    }
    return ["ok": .flag(true)]
  }

  /// One writer at a time, whichever plugin asks: lines never mix, and half a line can be taken back.
  private static let turn = Mutex<Void>(())

  /// - Returns: the system's number of what went wrong; nothing where the whole line is lasting.
  private static func append(_ line: [UInt8], to path: String) -> Int32? {
    // A pipe that nobody reads fails instead of waiting for a reader.
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    let descriptor = open(path, flags, 0o640)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // Below 0 for a pipe.
    let before = lseek(descriptor, 0, SEEK_END)
    var done = 0
    while done < line.count {
      let written = line.withUnsafeBytes { bytes in
        write(
          descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]).baseAddress,
          bytes.count - done)
      }
      if written > 0 {
        done += written
      } else if written == 0 || errno != EINTR {
        let reason = written == 0 ? EIO : errno
        // The next line would be glued to half of this one.
        if before >= 0, lseek(descriptor, 0, SEEK_END) == before + off_t(done) {
          ftruncate(descriptor, before)
        }
        return reason
      }
    }
    // A pipe has nothing to be flushed to.
    return fsync(descriptor) == 0 || errno == EINVAL ? nil : errno
  }
}

extension JSONValue {
  /// With every token of a secret as ‹secret›.
  var withoutSecrets: JSONValue {
    switch self {
    case .text(let text): .text(SecretToken.hidden(text))
    case .list(let elements): .list(elements.map(\.withoutSecrets))
    case .object(let members):
      .object(members.map { .init(SecretToken.hidden($0.key), $0.value.withoutSecrets) })
    default: self
    }
  }
}
