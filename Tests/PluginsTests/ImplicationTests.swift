import Detection
import Primitives
import Testing

@testable import Plugins

private func randomTest(_ random: inout SeededRandom, depth: Int = 0) -> Detection.Test {
  let x = Double(random.below(6))
  switch random.below(depth < 2 ? 11 : 8) {
  case 0: return .atLeast(x)
  case 1: return .atMost(x)
  case 2: return .above(x)
  case 3: return .below(x)
  case 4: return .between(x, x + Double(random.below(3)))
  case 5: return .equals(.number(x))
  case 6: return .missing
  case 7: return .present
  case 8: return .not(randomTest(&random, depth: depth + 1))
  default:
    return .any((0..<(1 + random.below(3))).map { _ in randomTest(&random, depth: depth + 1) })
  }
}

@Suite("Shadowed rows")
struct ImplicationTests {
  @Test("A test that implies another accepts nothing that the other refuses")
  func sound() {
    var random = SeededRandom(seed: 8)
    let values: [Value] = [.missing] + stride(from: -1.0, through: 9, by: 0.5).map { .number($0) }
    var claims = 0
    for _ in 0..<20_000 {
      let a = randomTest(&random)
      let b = randomTest(&random)
      guard a.implies(b) else { continue }
      claims += 1
      for value in values where a.accepts(value) {
        #expect(b.accepts(value), "\(a) does not imply \(b) for \(value)")
      }
    }
    #expect(claims > 1000)
  }

  @Test("A row with more conditions is shadowed by one with fewer of them")
  func rows() {
    let wide = [Predicate("amount", .atLeast(5))]
    let narrow = [
      Predicate("amount", .between(6, 7)), Predicate("user", .equals(.text("ana"))),
    ]
    #expect(narrow.imply(wide))
    #expect(!wide.imply(narrow))
    #expect(wide.imply([]))
    #expect(![Predicate]().imply(wide))
    #expect(![Predicate("user", .equals(.text("a")))].imply([Predicate("user", .inList("l"))]))
  }
}
