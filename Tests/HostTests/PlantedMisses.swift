import Detection
import Primitives

@testable import Host

/// A stream in which every event that is asked about misses a rule for one known reason.
struct PlantedMisses {
  struct Plant {
    var rule: String
    var event: String
    var cause: Miss.Cause
    /// What the answer must say.
    var says = ""
    var shortfall: Double?
  }

  static let start: Int64 = 1_772_442_000
  private(set) var plants: [Plant] = []
  private var events: [(arrival: Double, event: EventRecord)] = []
  private var random = SeededRandom(seed: 5)
  private var number = 0

  /// In order of arrival.
  var stream: [EventRecord] {
    events.enumerated().sorted { ($0.element.arrival, $0.offset) < ($1.element.arrival, $1.offset) }
      .map(\.element.event)
  }

  @discardableResult
  private mutating func add(
    _ kind: String, at seconds: Double, arrives: Double? = nil, _ fields: [String: Value]
  ) -> String {
    number += 1
    let id = "e\(number)"
    events.append(
      (
        arrives ?? seconds,
        EventRecord(
          time: Timestamp(microseconds: PlantedMisses.start * 1_000_000 + Int64(seconds * 1e6)),
          id: id, source: "generic-jsonl", kind: kind, fields: fields,
          primaryField: ["user", "device", "series"].first { fields[$0] != nil })
      ))
    return id
  }

  private mutating func plant(
    _ rule: String, _ event: String, _ cause: Miss.Cause, _ says: String = "",
    shortfall: Double? = nil
  ) {
    plants.append(
      Plant(rule: rule, event: event, cause: cause, says: says, shortfall: shortfall))
  }

  /// Failed logins a second apart; their ids.
  private mutating func failures(_ count: Int, _ user: String, at time: Double) -> [String] {
    (0..<count).map { index in
      add(
        "login", at: time + Double(index),
        ["user": .text(user), "outcome": .text("failure"), "channel": .text("web")])
    }
  }

  init() {
    for turn in 0..<50 {
      bursts(turn)
      sequences(turn)
      waits(turn)
      others(turn)
      swallowed(turn)
    }
    floods()
    // Stream time goes on after the last wait began, and not to its end.
    add("metric", at: 86_400, ["series": .text("last")])
  }

  private mutating func bursts(_ turn: Int) {
    let rule = "t.burst"
    func time() -> Double { random.uniform() * 36_000 }
    plant(
      rule, add("logoff", at: time(), ["user": .text("kind-\(turn)")]), .kind,
      "on: kind = \"login\" does not hold, it is \"logoff\"")
    for few in 1...3 {
      let ids = failures(few, "few-\(few)-\(turn)", at: time())
      plant(
        rule, ids[few - 1], .condition, "it is \(few), \(5 - few) short",
        shortfall: Double(5 - few))
    }
    let at = time()
    _ = failures(5, "outcome-\(turn)", at: at)
    let success = add(
      "login", at: at + 9, ["user": .text("outcome-\(turn)"), "outcome": .text("success")])
    plant(rule, success, .condition, "when: outcome = \"failure\" does not hold, it is \"success\"")
    let quiet = time()
    _ = failures(4, "quiet-\(turn)", at: quiet)
    let silent = add(
      "login", at: quiet + 9,
      [
        "user": .text("quiet-\(turn)"), "outcome": .text("failure"), "channel": .text("quiet"),
      ])
    plant(rule, silent, .detectNothing, "returned nothing")
    let joins = failures(6, "joins-\(turn)", at: time())
    plant(rule, joins[4], .raised)
    plant(rule, joins[5], .joined, "counted with alert")
    let late = time()
    _ = failures(2, "late-\(turn)", at: late)
    let straggler = add(
      "login", at: late - 259_200, arrives: late + 5,
      ["user": .text("late-\(turn)"), "outcome": .text("failure")])
    plant(rule, straggler, .late, "later than the lateness that is allowed")
  }

  private mutating func sequences(_ turn: Int) {
    let rule = "t.sequence"
    func time() -> Double { random.uniform() * 36_000 }
    func success(_ user: String, at time: Double) -> String {
      add("login", at: time, ["user": .text(user), "outcome": .text("success")])
    }
    plant(
      rule, add("connect", at: time(), ["user": .text("none-\(turn)")]), .noStep,
      "it is no step of the sequence: kind = \"login\" does not hold, it is \"connect\"")
    let first = failures(1, "first-\(turn)", at: time())
    plant(rule, first[0], .notLastStep, "it is step 1 of 2")
    for came in [turn % 2, 2] {
      let (user, at) = ("lacks-\(came)-\(turn)", time())
      _ = failures(came, user, at: at)
      plant(
        rule, success(user, at: at + 60), .stepMissing,
        "step 1 of 2 had come \(came) of 3 times")
    }
    let broken = time()
    _ = failures(3, "broken-\(turn)", at: broken)
    let breaker = add("logoff", at: broken + 30, ["user": .text("broken-\(turn)")])
    plant(
      rule, success("broken-\(turn)", at: broken + 60), .broken, "event \(breaker) at ")
    let slow = time()
    _ = failures(3, "slow-\(turn)", at: slow)
    plant(
      rule, success("slow-\(turn)", at: slow + 3600 + 600), .tooSlow,
      "10 min more than 1 hour before")
  }

  private mutating func waits(_ turn: Int) {
    let rule = "t.left"
    func time() -> Double { random.uniform() * 36_000 }
    let ended = time()
    let begins = add("connect", at: ended, ["device": .text("ended-\(turn)")])
    let reply = add("disconnect", at: ended + 3600, ["device": .text("ended-\(turn)")])
    plant(rule, begins, .ended, "event \(reply) at ")
    plant(rule, reply, .noStep, "it begins no wait: kind = \"connect\"")
    let twice = time()
    let one = add("connect", at: twice, ["device": .text("twice-\(turn)")])
    let two = add("connect", at: twice + 1800, ["device": .text("twice-\(turn)")])
    plant(rule, two, .alreadyWaiting, "event \(one) at ")
    plant(rule, one, .raised)
    let open = add("connect", at: 86_400 - 3600, ["device": .text("open-\(turn)")])
    plant(rule, open, .stillWaiting, "the wait is over at ")
    let known = time()
    _ = add("metric", at: known, ["series": .text("new-\(turn)")])
    let second = add("metric", at: known + 60, ["series": .text("new-\(turn)")])
    plant("t.flat", second, .notKnown, "had shown 2 such events over 1 min, and 3 over")
  }

  /// Found, and told nobody, or told by another.
  private mutating func swallowed(_ turn: Int) {
    func time() -> Double { random.uniform() * 36_000 }
    let muted = failures(5, "muted-\(turn)", at: time())
    plant(
      "t.burst", muted[4], .muted,
      " of user muted-\(turn) until 2026-03-12T09:00:00Z, made by ben (\"a known test\"), kept it quiet"
    )
    let at = time()
    func seen(_ outcome: String, _ user: String, at time: Double) -> String {
      add(
        "logoff", at: time,
        [
          "user": .text(user), "outcome": .text(outcome), "channel": .text("\(outcome)-\(turn)"),
        ])
    }
    plant("t.dedup", seen("dedup", "first-\(turn)", at: at), .raised)
    plant(
      "t.dedup", seen("dedup", "second-\(turn)", at: at + 1800), .joined,
      "findings with the same channel are one alert while each comes within 1 hour of the one before "
        + "(dedup of the rule)")
    let both = seen("led", "led-\(turn)", at: time())
    plant("t.weak", both, .led, ", led by t.strong")
    plant("t.strong", both, .raised)
  }

  /// Seventy alerts of one rule in a minute, of which twenty may be told.
  private mutating func floods() {
    for number in 0..<70 {
      let id = add(
        "logoff", at: 50_000 + Double(number) / 2,
        ["user": .text("flood-\(number)"), "outcome": .text("flood")])
      if number < 20 {
        plant("t.flood", id, .raised)
      } else {
        plant(
          "t.flood", id, .flood,
          "when it had raised 20 alerts on generic-jsonl within an hour (alerts.flood_limit of that run)"
        )
      }
    }
  }

  private mutating func others(_ turn: Int) {
    // In order: the fifth failure sets the rule aside.
    let broken = add(
      "transaction", at: Double(40_000 + turn), ["user": .text("broke-\(turn)")])
    plant(
      "t.broken", broken, turn < 5 ? .luaError : .setAside,
      turn < 5 ? "its function failed: " : "had been set aside by then")
    let scored = add("transaction", at: Double(41_000 + turn), ["user": .text("score-\(turn)")])
    plant("t.score", scored, .scoreMissing, "no model judged these events")
    plant("t.fields", scored, .fieldsMissing, "they do not carry ")
  }
}
