import Foundation
import Glibc
import Synchronization

/// A web server on this machine that says what it is told to and remembers what it was asked.
final class WebServer: Sendable {
  struct Request: Sendable {
    var line: String
    var headers: [String: String]
    var body: String
  }

  struct Answer: Sendable {
    var status = 200
    var headers: [String] = []
    var body = "{\"ok\":true}"
    /// Seconds before it is given.
    var delay = 0.0
  }

  let port: Int
  private let socket: Int32
  private let seen = Mutex<[Request]>([])

  var requests: [Request] { seen.withLock { $0 } }
  var url: String { "http://127.0.0.1:\(port)" }

  /// - Parameter answer: told the number of the request, from 0.
  init(_ answer: @escaping @Sendable (Int, Request) -> Answer = { _, _ in Answer() }) {
    let listening = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listening, $0, count)
        _ = getsockname(listening, $0, &count)
      }
    }
    listen(listening, 16)
    socket = listening
    port = Int(UInt16(bigEndian: address.sin_port))
    let thread = Thread { [weak self] in
      while true {
        let connection = accept(listening, nil, nil)
        if connection < 0 { return }
        guard let self, let request = WebServer.read(connection) else {
          close(connection)
          continue
        }
        let number = self.seen.withLock {
          $0.append(request)
          return $0.count - 1
        }
        let given = answer(number, request)
        if given.delay > 0 { Thread.sleep(forTimeInterval: given.delay) }
        let lines = ["HTTP/1.1 \(given.status) X", "Content-Length: \(given.body.utf8.count)"]
        let text = (lines + given.headers + ["Connection: close", "", given.body])
          .joined(separator: "\r\n")
        _ = text.withCString {
          send(connection, $0, strlen($0), Int32(truncatingIfNeeded: MSG_NOSIGNAL))
        }
        close(connection)
      }
    }
    thread.start()
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private static func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &chunk, chunk.count, 0)
      if count <= 0 { return nil }
      bytes += chunk[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      guard let end = text.range(of: "\r\n\r\n") else { continue }
      let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        headers[line[..<colon].lowercased()] =
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
      let body = String(text[end.upperBound...])
      if body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 {
        return Request(line: lines[0], headers: headers, body: body)
      }
    }
  }
}
