import Console
import Synchronization
import Testing

@Suite("What a command tells while it works") struct ScreenTests {
  private final class Told: Sendable {
    let clock = Mutex(0.0)
    let texts = Mutex<[String]>([])

    func screen(quiet: Bool = false, errors: Terminal = Terminal()) -> Screen {
      Screen(
        quiet: quiet, output: Terminal(), errors: errors,
        seconds: { self.clock.withLock { $0 } },
        write: { text in self.texts.withLock { $0.append(text) } })
    }
    func wait(_ seconds: Double) { clock.withLock { $0 += seconds } }
    var all: [String] { texts.withLock { $0 } }
  }

  @Test("Without a terminal a stage is one plain line at its end")
  func plain() {
    let told = Told()
    let screen = told.screen()
    screen.begin("read", total: 10)
    told.wait(1.25)
    screen.advance(to: 5)
    screen.end("10 events")
    screen.note("wrote a.csv")
    #expect(told.all == ["read  10 events  1.2 s\n", "wrote a.csv\n"])
  }

  @Test("On a terminal the bar is wiped before the line of its stage")
  func terminal() {
    let told = Told()
    let screen = told.screen(errors: Terminal(width: 60, canRedraw: true))
    screen.begin("read", total: nil)
    told.wait(1)
    screen.advance(to: 5)
    screen.end("5 events")
    #expect(
      told.all == ["\rread  5  5/s\u{1B}[K", "\r\u{1B}[K", "read  5 events  1.0 s\n"])
  }

  @Test("A stage that is cut short by another or by a note leaves no line")
  func cutShort() {
    let told = Told()
    let screen = told.screen(errors: Terminal(width: 60, canRedraw: true))
    screen.begin("first", total: nil)
    told.wait(1)
    screen.advance(to: 1)
    screen.begin("second", total: nil)
    screen.note("stopped")
    #expect(told.all == ["\rfirst  1  1/s\u{1B}[K", "\r\u{1B}[K", "stopped\n"])
  }

  @Test("A warning takes the bar's place and the stage goes on")
  func warning() {
    let told = Told()
    let screen = told.screen(errors: Terminal(width: 60, canRedraw: true))
    screen.begin("read", total: nil)
    told.wait(1)
    screen.advance(to: 1)
    screen.warn("odd\u{7}")
    told.wait(1)
    screen.advance(to: 4)
    #expect(
      told.all == [
        "\rread  1  1/s\u{1B}[K", "\r\u{1B}[K", "warning: odd\\u{7}\n", "\rread  4  2/s\u{1B}[K",
      ])
  }

  @Test("Quiet tells nothing")
  func quiet() {
    let told = Told()
    let screen = told.screen(quiet: true, errors: Terminal(width: 60, canRedraw: true))
    screen.begin("read", total: 10)
    told.wait(1)
    screen.advance(to: 5)
    screen.end("done")
    screen.note("more")
    screen.warn("odd")
    #expect(told.all.isEmpty)
  }

  @Test("Results from outside cannot move the cursor")
  func hostile() {
    let told = Told()
    let screen = told.screen()
    screen.begin("read", total: nil)
    screen.end("\u{1B}[2Jfile")
    #expect(told.all == ["read  \\u{1B}[2Jfile  0.0 s\n"])
  }
}
