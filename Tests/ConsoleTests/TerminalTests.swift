import Console
import Foundation
import Glibc
import Synchronization
import Testing

@Suite("Terminals") struct TerminalTests {
  /// Opens a pseudo-terminal of the given width and hands its screen side to the body.
  private func withScreen(columns: UInt16, _ body: (Int32) throws -> Void) throws {
    var controller: Int32 = 0
    var screen: Int32 = 0
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&controller, &screen, nil, nil, &size) == 0)
    defer {
      close(controller)
      close(screen)
    }
    try body(screen)
  }

  @Test("A screen tells its width, its colours and that lines can be drawn over")
  func screen() throws {
    try withScreen(columns: 132) { descriptor in
      let terminal = Terminal(descriptor: descriptor) { ["TERM": "xterm-256color"][$0] }
      #expect(terminal == Terminal(width: 132, hasColour: true, canRedraw: true))
    }
  }

  @Test("NO_COLOR takes the colours, an empty one does not")
  func noColour() throws {
    try withScreen(columns: 80) { descriptor in
      let plain = Terminal(descriptor: descriptor) { ["TERM": "xterm", "NO_COLOR": "1"][$0] }
      #expect(plain == Terminal(width: 80, hasColour: false, canRedraw: true))
      let empty = Terminal(descriptor: descriptor) { ["TERM": "xterm", "NO_COLOR": ""][$0] }
      #expect(empty.hasColour)
    }
  }

  @Test("A dumb or unnamed terminal gets neither colours nor redrawn lines")
  func dumb() throws {
    try withScreen(columns: 0) { descriptor in
      #expect(Terminal(descriptor: descriptor) { ["TERM": "dumb"][$0] } == Terminal(width: 80))
      #expect(Terminal(descriptor: descriptor) { _ in nil } == Terminal(width: 80))
    }
  }

  @Test("A pipe has no width unless COLUMNS gives one")
  func pipes() throws {
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    #expect(Terminal(descriptor: descriptor) { ["TERM": "xterm"][$0] } == Terminal())
    #expect(Terminal(descriptor: descriptor) { ["COLUMNS": "60"][$0] } == Terminal(width: 60))
    #expect(Terminal(descriptor: descriptor) { ["COLUMNS": "-1"][$0] } == Terminal())
  }
}

@Suite("Progress bars") struct ProgressBarTests {
  private final class Screen: Sendable {
    let clock = Mutex(0.0)
    let writes = Mutex<[String]>([])

    func bar(_ total: Int?, width: Int = 80, canRedraw: Bool = true) -> ProgressBar {
      ProgressBar(
        "trains", total: total, terminal: Terminal(width: width, canRedraw: canRedraw),
        seconds: { self.clock.withLock { $0 } },
        write: { text in self.writes.withLock { $0.append(text) } })
    }

    var shown: [String] { writes.withLock { $0 } }
    func wait(_ seconds: Double) { clock.withLock { $0 += seconds } }
  }

  @Test("It shows share, count, rate and time left, and wipes its line")
  func line() {
    let screen = Screen()
    let bar = screen.bar(30_000)
    screen.wait(2)
    bar.advance(to: 12_345)
    bar.finish()
    #expect(
      screen.shown == [
        "\rtrains  ████████████░░░░░░░░░░░░░░░░  41 %  12,345 of 30,000  6.2 k/s  3 s left\u{1B}[K",
        "\r\u{1B}[K",
      ])
  }

  @Test("It draws at most ten times a second")
  func pace() {
    let screen = Screen()
    let bar = screen.bar(10_000)
    for _ in 0..<1000 {
      screen.wait(1.0 / 512)
      bar.advance()
    }
    #expect(screen.shown.count <= 20)
    #expect(screen.shown.count >= 17)
  }

  @Test("Nothing is written where a line cannot be drawn over, or for a short job")
  func silence() {
    let screen = Screen()
    let bar = screen.bar(10, canRedraw: false)
    screen.wait(5)
    bar.advance(by: 5)
    bar.finish()
    let short = screen.bar(10)
    short.advance(to: 10)
    short.finish()
    #expect(screen.shown.isEmpty)
  }

  @Test("It never reaches the last column, whatever the width")
  func narrow() {
    for width in 1..<100 {
      let screen = Screen()
      let bar = screen.bar(1_000_000, width: width)
      screen.wait(1)
      bar.advance(to: 999_999)
      let text = (screen.shown.first ?? "").dropFirst().replacing("\u{1B}[K", with: "")
      #expect(displayWidth(text) < max(width, 1) || text.isEmpty)
    }
  }

  @Test("Without a known end it counts")
  func unknownTotal() {
    let screen = Screen()
    let bar = screen.bar(nil)
    screen.wait(1)
    bar.advance(by: 4200)
    #expect(screen.shown == ["\rtrains  4,200  4.2 k/s\u{1B}[K"])
  }

  @Test("Odd counts neither crash nor leave the line")
  func oddCounts() {
    for (total, done) in [(10, -5), (10, 99), (0, 3), (-4, 2), (Int.max, Int.min), (1, Int.max)] {
      let screen = Screen()
      let bar = screen.bar(total)
      screen.wait(1)
      bar.advance(to: done)
      bar.advance(by: Int.max)
      #expect(screen.shown.count == 1)
    }
  }

  @Test("Many threads may report")
  func threads() async {
    let screen = Screen()
    let bar = screen.bar(8000)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<1000 { bar.advance() } } }
    }
    screen.wait(1)
    bar.advance(by: 0)
    #expect(screen.shown.last?.contains("8,000 of 8,000") == true)
  }
}
