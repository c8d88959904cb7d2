import Primitives
import Scripting
import Testing

@Suite("Durations and times", .timeLimit(.minutes(20)))
struct TimesTests {
  @Test(
    "know their arithmetic",
    arguments: [
      ("return 5 * minute == minute * 5", "true"), ("return tostring(5 * minute)", "5 minutes"),
      ("return tostring(1.5 * hour)", "90 minutes"), ("return tostring(hour / 7)", "514285714 µs"),
      ("return hour / minute", "60.0"), ("return tostring(hour - 15 * minute)", "45 minutes"),
      ("return tostring(-second)", "-1 seconds"), ("return tostring(0 * week)", "0 seconds"),
      ("return tostring(250 * ms)", "250 ms"), ("return second < minute", "true"),
      ("return second >= minute", "false"), ("return second <= 1000 * ms", "true"),
      ("return second == 1", "false"), ("return second ~= minute", "true"),
      ("return type(second)", "duration"), ("return 'in ' .. tostring(day)", "in 1 day"),
      ("return string.format('%s', week)", "7 days"),
    ])
  func arithmetic(source: String, shown: String) throws {
    let script = try makeScript()
    #expect(try script.run("return tostring((function() \(source) end)())") == .text(shown))
  }

  @Test("give and take times")
  func times() throws {
    let script = try makeScript()
    let f = try #require(
      script.run(
        "return function(t) return {t + hour, t - hour, (t + hour) - t, hour + t, t < t + ms, t == t, tostring(t), type(t)} end"
      )
      .function)
    let t = Timestamp(seconds: 1_772_373_600)
    let list = try #require(try script.call(f, [.time(t)]).table).list
    #expect(
      list == [
        .time(t + .hours(1)), .time(t - .hours(1)), .duration(.hours(1)), .time(t + .hours(1)),
        .flag(true), .flag(true), .text("2026-03-01T14:00:00Z"), .text("time"),
      ])
  }

  @Test("are printed as the host prints them")
  func printed() throws {
    let script = try makeScript()
    let f = try #require(try script.run("return function(x) return tostring(x) end").function)
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      let scale = [1, 1000, 1_000_000, 60_000_000, 86_400_000_000][random.below(5)]
      let span = TimeSpan(microseconds: Int64(random.below(2000) - 1000) * Int64(scale))
      #expect(try script.call(f, [.duration(span)]) == .text("\(span)"))
      let time = Timestamp(seconds: Int64(random.below(100_000) * 40_000)) + span
      #expect(try script.call(f, [.time(time)]) == .text("\(time)"))
    }
  }

  @Test(
    "refuse what has no meaning",
    arguments: [
      (
        "return minute + 5",
        "cannot add a duration and a number: give the number a unit, such as '5 * minute'"
      ),
      (
        "return 300 - minute",
        "cannot subtract a number and a duration: give the number a unit, such as '5 * minute'"
      ),
      (
        "return minute < 5",
        "cannot compare a duration and a number: give the number a unit, such as '5 * minute'"
      ),
      ("return minute * minute", "cannot multiply a duration and a duration"),
      ("return 1 / minute", "cannot divide a number and a duration"),
      ("return minute / 0", "a length of time beyond 292,000 years"),
      ("return week * 1e300", "a length of time beyond 292,000 years"),
      ("return week * math.maxinteger", "a length of time beyond 292,000 years"),
      ("return minute .. 'x'", "attempt to concatenate a duration value (global 'minute')"),
      ("return minute * 'x'", "cannot multiply a duration and a string"),
      ("return minute % 2", "attempt to perform arithmetic on a duration value (global 'minute')"),
      ("return #minute", "attempt to get length of a duration value (global 'minute')"),
    ])
  func refused(source: String, message: String) throws {
    let script = try makeScript()
    let error = try #require(script.failure(of: source))
    #expect(error.message == message)
    #expect(error.kind == .runtime)
  }
}
