import Foundation
import Glibc
import Primitives
import Synchronization
import Testing

/// Small inputs in the layouts of the shipped sources, the same on every run.
enum Inputs {
  static let cardHeader =
    "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO"

  /// Two card transactions and the header.
  static let twoCards = """
    \(cardHeader)
    1,2018-04-01 00:00:31,596,3156,57.16,0,0
    2,2018-04-01 00:02:10,4961,3412,81.51,0,0

    """

  /// Payments of `cards` cards in order of time; none is fraud.
  static func cards(_ count: Int, cards: Int = 20) -> String {
    var random = SeededRandom(seed: 1)
    var text = cardHeader + "\n"
    var seconds = 0
    for index in 0..<count {
      seconds += 60 + random.below(1800)
      let cents = 500 + random.below(9000)
      text += "\(index),\(time(seconds, from: "2018-04-01")),\(random.below(cards)),"
      text += "\(random.below(60)),\(cents / 100).\(cents % 100 / 10)\(cents % 10),0,0\n"
    }
    return text
  }

  /// Ten people who log on and off every day for 40 days.
  static func logons() -> String {
    var random = SeededRandom(seed: 2)
    var text = "id,date,user,pc,activity\n"
    var number = 0
    for day in 0..<40 {
      var lines: [(seconds: Int, user: Int, activity: String)] = []
      for user in 0..<10 {
        let start = day * 86_400 + 8 * 3600 + user * 600 + random.below(1800)
        lines.append((start, user, "Logon"))
        lines.append((start + 8 * 3600, user, "Logoff"))
      }
      for line in lines.sorted(by: { $0.seconds < $1.seconds }) {
        number += 1
        let words = time(line.seconds, from: "2010-01-04").split(separator: " ")
        let date = words[0].split(separator: "-")
        text += "{ID\(number)},\(date[1])/\(date[2])/\(date[0]) \(words[1]),"
        text += "USR\(line.user),PC-\(line.user),\(line.activity)\n"
      }
    }
    return text
  }

  /// A load of a machine every five minutes.
  static func series(_ count: Int) -> String {
    var random = SeededRandom(seed: 3)
    var text = "timestamp,value\n"
    for index in 0..<count {
      let wave = index % 288 < 144 ? index % 144 : 144 - index % 144
      text += "\(time(index * 300, from: "2014-04-01")),\(50 + wave / 10).\(random.below(10))\n"
    }
    return text
  }

  /// A table of numbers with a label that follows from the first two columns.
  static func table(_ rows: Int) -> String {
    var random = SeededRandom(seed: 4)
    var text = "a,b,c,y\n"
    for _ in 0..<rows {
      let (a, b, c) = (random.below(100), random.below(100), random.below(100))
      text += "\(a),\(b),\(random.below(10) == 0 ? "" : "\(c)"),\(a + b > 130 ? 1 : 0)\n"
    }
    return text
  }

  private static func time(_ seconds: Int, from day: String) -> String {
    guard let start = formatter.date(from: day + " 00:00:00") else { return "" }
    return formatter.string(from: start.addingTimeInterval(TimeInterval(seconds)))
  }

  private static var formatter: DateFormatter {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
    return formatter
  }
}

/// One small demo that many tests look at, run once.
///
/// Its folder is linked into their workspaces as `demo`, to be read and never written.
enum SmallDemo {
  private static let made = Mutex<URL?>(nil)

  private static let shared = Task { () throws -> (Workspace, Outcome) in
    let workspace = try Workspace()
    // Nothing static is ever released: the folder is removed when the tests end.
    made.withLock { $0 = workspace.folder }
    atexit { SmallDemo.made.withLock { if let folder = $0 { Workspace.remove(folder) } } }
    let outcome = try await workspace.run(
      "demo", "--events", "6000", "--no-serve", "--data-dir", "made", "--report", "report.json",
      timeout: .seconds(600))
    return (workspace, outcome)
  }

  /// How the run of the demo ended.
  static func outcome() async throws -> Outcome { try await shared.value.1 }

  /// A workspace with `demo/events.jsonl`, `demo/labels-test.csv`, `demo/model.json` and `demo.json`, the report.
  static func workspace() async throws -> Workspace {
    let (made, outcome) = try await shared.value
    try #require(outcome.status == 0, "the demo failed: \(outcome.errors)")
    let workspace = try Workspace()
    for (name, original) in [("demo", "made/demo"), ("demo.json", "report.json")] {
      try FileManager.default.createSymbolicLink(
        at: workspace.path(name), withDestinationURL: made.path(original))
    }
    return workspace
  }
}
