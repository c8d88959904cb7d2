import Foundation
import Glibc
import Primitives
import Response
import Testing

@testable import Host

@Suite("One act", .timeLimit(.minutes(20)))
struct ActDoerTests {
  private let scratch: Scratch
  private static let secret = "abcd/efgh+topsecret"

  init() throws { scratch = try Scratch() }

  private func doer(_ acts: [String: ActChannel] = [:]) throws -> ActDoer {
    var settings = try shipped(scratch)
    settings.lists = scratch.path + "/lists"
    settings.acts = acts
    return ActDoer(
      settings: settings,
      grant: Grant(allowsPrivate: true, secrets: ["key": ActDoerTests.secret]), plugin: "p",
      alert: "a")
  }

  private func problem(_ body: () throws -> Void) -> ActDoer.Problem? {
    #expect(throws: ActDoer.Problem.self) { try body() }
  }

  // MARK: lists

  private func list(_ word: ActWord, _ card: String) throws -> JSONValue {
    try doer(["card": .list("cards")])
      .perform(Act(word, [.init("card", .text(card))]), key: "k")
  }

  /// With the mark of the encoding, which reading it as text drops.
  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name)))
  }

  private let changed: JSONValue = ["ok": true, "changed": true]
  private let same: JSONValue = ["ok": true, "changed": false]

  @Test("A list is changed line by line as rules read it, and what people wrote stays as it was")
  func lists() throws {
    let path = "lists/cards.txt"
    let written = "\u{FEFF}4711\r\n4712  # why\r\n\n# 4713\n\t4714 \ncafe\u{301}"
    try scratch.write(path, written)
    for known in ["4711", "4712", "4714", "cafe\u{301}"] {
      #expect(try list(.cardBlock, known) == same)
    }
    #expect(try list(.cardUnblock, "4713") == same)
    // Other bytes are another entry to those who ask the list, though they look the same.
    #expect(try list(.cardUnblock, "caf\u{E9}") == same)
    #expect(try bytes(path) == Array(written.utf8))
    #expect(try list(.cardBlock, "4715") == changed)
    #expect(try list(.cardUnblock, "4711") == changed)
    #expect(try list(.cardUnblock, "4712") == changed)
    #expect(
      try bytes(path)
        == Array("\u{FEFF}\n# 4713\n\t4714 \ncafe\u{301}\n4715\n".utf8))
    #expect(
      problem { _ = try list(.cardBlock, "4716 # no") }?.reason
        == "'4716 # no' is no entry of a list "
        + "(an entry is one line of at most 512 bytes without a comment (#))")
  }

  // MARK: files

  @Test("A pipe that nobody reads fails the act instead of holding the thread")
  func pipe() throws {
    let path = scratch.path + "/notices"
    try #require(mkfifo(path, 0o600) == 0)
    let notice = Act(.notifySend, [.init("text", .text("t")), .init("to", .text("soc"))])
    let doer = try doer(["notify": .file(path)])
    #expect(
      problem { _ = try doer.perform(notice, key: "k") }?.reason
        == "cannot write '\(path)': No such device or address")
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    #expect(try doer.perform(notice, key: "k") == ["ok": true])
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(reader, &bytes, bytes.count)
    #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).hasSuffix("\"a\"}\n"))
  }

  // MARK: what comes back

  private func get(_ server: WebServer) throws -> JSONValue {
    try doer().perform(Act(.httpGet, [.init("url", .text(server.url))]), key: "k")
  }

  @Test(
    "A secret that the other side repeats is taken out however JSON or text writes it",
    arguments: [
      (#"{"you":"abcd\/efgh+topsecret"}"#, #"{"you":"‹secret›"}"#),
      (
        #"{"\u0061bcd/efgh\u002Btopsecret":[1,"x abcd\/efgh+topsecret"]}"#,
        #"{"‹secret›":[1,"x ‹secret›"]}"#
      ),
      (#"{"a":"abcd\/efgh\u002btopsecret","a":1}"#, #"{"a":1}"#),
      (#"in text: abcd\/efgh+topsecret"#, "in text: ‹secret›"),
      ("abcd/efgh+topsecret\u{301}", "‹secret›\u{301}"),
    ])
  func veiled(body: String, shown: String) throws {
    let answer = try get(WebServer { _, _ in .init(body: body) })
    #expect(answer == ["ok": true, "status": 200, "body": .text(shown)])
    let refused = problem { _ = try get(WebServer { _, _ in .init(status: 404, body: body) }) }
    #expect(refused?.reason == "the other side answered 404: \(shown)")
  }

  @Test("Of a secret that the end of what is kept cuts in two nothing stays")
  func cut() throws {
    let filling = String(repeating: "x", count: WebClient.mostBytes - 6)
    let server = WebServer { _, _ in .init(body: filling + ActDoerTests.secret) }
    #expect(try get(server)["body"]?.text == filling)
  }

  @Test("A plugin is given what a body says as JSON, which is not written down a second time")
  func json() throws {
    let answer = try get(WebServer { _, _ in .init(body: #"{"id":7}"#) })
    #expect(answer["json"] == nil)
    #expect(ActDoer.given(answer)["json"] == ["id": 7])
    let text = try get(WebServer { _, _ in .init(body: "seven") })
    #expect(ActDoer.given(text) == text)
  }

  @Test("What was sent and not answered may be done; what could not be sent, or only asks, is not")
  func doubt() throws {
    let doer = try doer()
    func problem(_ word: ActWord, _ url: String) -> ActDoer.Problem? {
      self.problem {
        let arguments = [
          JSONValue.Member("timeout", .number(0.2)), .init("url", .text(url)),
        ]
        _ = try doer.perform(Act(word, arguments), key: "k")
      }
    }
    let slow = WebServer { _, _ in .init(delay: 1) }
    #expect(problem(.httpPost, slow.url)?.mayBeDone == true)
    #expect(problem(.httpGet, slow.url)?.mayBeDone == false)
    #expect(problem(.httpPost, "http://127.0.0.1:1")?.mayBeDone == false)
  }
}
