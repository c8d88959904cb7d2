import CWeb
import Glibc
import Primitives
import Response

/// Makes one HTTP request at a time: to no private address unless that is granted, without following redirects.
struct WebClient {
  struct Request {
    var url: String
    /// Whole lines, `Name: value`.
    var headers: [String]
    /// Missing for GET.
    var body: String?
    var timeout: TimeSpan
    var allowsPrivate: Bool
  }

  struct Answer {
    var status: Int
    var body: [UInt8]
    /// Whether the other side had more to say than is kept.
    var wasCut: Bool
    /// Seconds that it asks to wait before another try; 0 where it does not.
    var retryAfter: Int
  }

  struct Problem: Error {
    var reason: String
    var advice: String?
    /// Whether another try can end otherwise.
    var isPassing: Bool
    /// Whether something of the request left: the other side may have done what it asks for.
    var wasSent = false
  }

  static let mostBytes = 48 << 10

  private final class Gate {
    let allowsPrivate: Bool
    var refused: NetworkAddress?
    init(_ allowsPrivate: Bool) { self.allowsPrivate = allowsPrivate }
  }

  static func perform(_ request: Request) throws(Problem) -> Answer {
    let gate = Gate(request.allowsPrivate)
    var answer = mw_answer()
    let lines = request.headers.map { strdup($0) }
    defer { for line in lines { free(line) } }
    request.url.withCString { url in
      withOptional(request.body) { body, count in
        lines.map { UnsafePointer($0) }.withUnsafeBufferPointer { headers in
          withExtendedLifetime(gate) {
            var given = mw_request()
            given.url = url
            given.headers = headers.baseAddress
            given.header_count = headers.count
            given.body = body
            given.body_count = count
            given.timeout_ms = Int(max(1, request.timeout.microseconds / 1000))
            given.most = mostBytes
            given.context = Unmanaged.passUnretained(gate).toOpaque()
            given.allow = { context, address, count in
              guard let context, let address,
                let address = NetworkAddress(UnsafeBufferPointer(start: address, count: count))
              else { return false }
              let gate = Unmanaged<Gate>.fromOpaque(context).takeUnretainedValue()
              if gate.allowsPrivate || !address.isPrivate { return true }
              gate.refused = address
              return false
            }
            mw_perform(&given, &answer)
          }
        }
      }
    }
    defer { mw_answer_free(&answer) }
    switch answer.code {
    case 0:
      return Answer(
        status: answer.status,
        body: Array(UnsafeBufferPointer(start: answer.body, count: answer.count)),
        wasCut: answer.was_cut, retryAfter: answer.retry_after)
    case -1:
      throw Problem(
        reason: "libcurl.so.4 is missing or too old", advice: "apt-get install libcurl4",
        isPassing: false)
    default:
      if let address = gate.refused {
        throw Problem(
          reason: "\(address) is no public address",
          advice: "write 'private: true' beside its host if it may be reached", isPassing: false)
      }
      let said = withUnsafeBytes(of: answer.error) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw Problem(reason: safe(said), isPassing: true, wasSent: answer.was_sent)
    }
  }

  private static func withOptional(
    _ text: String?, _ body: (UnsafePointer<CChar>?, Int) -> Void
  ) {
    guard let text else { return body(nil, 0) }
    text.withCString { body($0, text.utf8.count) }
  }
}
