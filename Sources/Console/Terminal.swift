import Glibc

/// What is known about the place that output goes to: a person's terminal, a file or a pipe.
package struct Terminal: Hashable, Sendable {
  /// Columns of the screen, or of `COLUMNS` where that is set; missing for files and pipes, which are
  /// written without cutting anything.
  package var width: Int?
  /// Colours and bold may be used: a terminal that is not dumb, and no `NO_COLOR` (https://no-color.org).
  package var hasColour: Bool
  /// A line may be drawn over: a terminal that is not dumb.
  package var canRedraw: Bool

  package init(width: Int? = nil, hasColour: Bool = false, canRedraw: Bool = false) {
    self.width = width
    self.hasColour = hasColour
    self.canRedraw = canRedraw
  }

  package static var output: Terminal { Terminal(descriptor: STDOUT_FILENO) }
  package static var errors: Terminal { Terminal(descriptor: STDERR_FILENO) }

  package init(
    descriptor: Int32,
    environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) {
    let isScreen = isatty(descriptor) == 1
    let kind = environment("TERM") ?? ""
    canRedraw = isScreen && kind != "dumb" && !kind.isEmpty
    hasColour = canRedraw && (environment("NO_COLOR") ?? "").isEmpty
    if let given = environment("COLUMNS").flatMap({ Int($0) }), given > 0 {
      width = given
    } else {
      width = isScreen ? screenWidth(descriptor) ?? 80 : nil
    }
  }
}

private func screenWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
