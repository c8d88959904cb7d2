import Detection
import Primitives

/// Moves of features as JSON: a list that begins with its word.
extension FeatureMove {
  var json: JSONValue {
    switch self {
    case .fixed: ["fixed"]
    case .follows(let field, let slope, let offset, let past):
      ["follows", .text(field), .of(slope), .of(offset), past?.json ?? .null]
    case .hidden(let field): ["hidden", .text(field)]
    case .events(let window, let own, let scale):
      [
        "events", window.json, .flag(own.isOfStream),
        .list(own.numbers.map { [.text($0.name), $0.test.json] }), .of(scale),
      ]
    case .distinct(let window, let field, let own):
      ["distinct", window.json, .text(field), .of(own)]
    case .pause(let stream, let counts): ["pause", stream.json, .flag(counts)]
    case .novelty(let stream, let field): ["novelty", stream.json, .text(field)]
    case .total(let window, let field): ["total", window.json, .text(field)]
    case .mean(let window, let field): ["mean", window.json, .text(field)]
    case .past(let past): ["past", past.json]
    case .quotient(let a, let b): ["quotient", a.json, b.json]
    case .difference(let a, let b): ["difference", a.json, b.json]
    }
  }

  /// Missing where it is not what `json` wrote.
  init?(json: JSONValue) {
    guard let list = json.list, let word = list.first?.text else { return nil }
    func text(_ place: Int) -> String? { place < list.count ? list[place].text : nil }
    func number(_ place: Int) -> Double? { place < list.count ? list[place].number : nil }
    func flag(_ place: Int) -> Bool? { place < list.count ? list[place].flag : nil }
    func window(_ place: Int) -> Window? { place < list.count ? Window(json: list[place]) : nil }
    func stream(_ place: Int) -> Stream? { place < list.count ? Stream(json: list[place]) : nil }
    func part(_ place: Int) -> Part? { place < list.count ? Part(json: list[place]) : nil }
    let move: FeatureMove? =
      switch word {
      case "fixed": .fixed
      case "follows":
        if let field = text(1), let slope = number(2), let offset = number(3), list.count > 4 {
          .follows(field: field, slope: slope, offset: offset, past: Past(json: list[4]))
        } else {
          nil
        }
      case "hidden": text(1).map { .hidden(field: $0) }
      case "events":
        if let window = window(1), let isOf = flag(2), list.count > 4, let scale = number(4),
          let tests = list[3].list.flatMap(FeatureMove.tests)
        {
          .events(window, own: OwnCount(isOfStream: isOf, numbers: tests), scale: scale)
        } else {
          nil
        }
      case "distinct":
        if let window = window(1), let field = text(2), let own = number(3) {
          .distinct(window, field: field, own: own)
        } else {
          nil
        }
      case "pause":
        if let stream = stream(1), let counts = flag(2) {
          .pause(stream, counts: counts)
        } else {
          nil
        }
      case "novelty":
        if let stream = stream(1), let field = text(2) {
          .novelty(stream, field: field)
        } else {
          nil
        }
      case "total":
        if let window = window(1), let field = text(2) { .total(window, field: field) } else { nil }
      case "mean":
        if let window = window(1), let field = text(2) { .mean(window, field: field) } else { nil }
      case "past": list.count > 1 ? Past(json: list[1]).map { .past($0) } : nil
      case "quotient":
        if let a = part(1), let b = part(2) { .quotient(a, b) } else { nil }
      case "difference":
        if let a = part(1), let b = part(2) { .difference(a, b) } else { nil }
      default: nil
      }
    guard let move else { return nil }
    self = move
  }

  private static func tests(_ list: [JSONValue]) -> [Predicate]? {
    var tests: [Predicate] = []
    for one in list {
      guard let pair = one.list, pair.count == 2, let name = pair[0].text,
        let test = Test(json: pair[1])
      else { return nil }
      tests.append(Predicate(name, test))
    }
    return tests
  }
}

extension FeatureMove.Stream {
  var json: JSONValue { .list(conditions.sorted().map(JSONValue.text)) }

  init?(json: JSONValue) {
    guard let texts = json.list?.map(\.text), !texts.contains(nil) else { return nil }
    self.init(Set(texts.compactMap { $0 }))
  }
}

extension FeatureMove.Window {
  var json: JSONValue { [.of(seconds), stream.json] }

  init?(json: JSONValue) {
    guard let list = json.list, list.count == 2, let seconds = list[0].number,
      let stream = FeatureMove.Stream(json: list[1])
    else { return nil }
    self.init(stream, seconds: seconds)
  }
}

extension FeatureMove.Past {
  var json: JSONValue { [window.json, .integer(Int64(needs)), .flag(own)] }

  init?(json: JSONValue) {
    guard let list = json.list, list.count == 3, let window = FeatureMove.Window(json: list[0]),
      let needs = list[1].integer, let own = list[2].flag
    else { return nil }
    self.init(window, needs: Int(needs), own: own)
  }
}

extension FeatureMove.Part {
  var json: JSONValue { [.of(value), move.json] }

  init?(json: JSONValue) {
    guard let list = json.list, list.count == 2, let move = FeatureMove(json: list[1]) else {
      return nil
    }
    self.init(list[0].number ?? .nan, move)
  }
}

extension Test {
  /// Tests that a number can pass; the others never hold for one.
  var json: JSONValue {
    switch self {
    case .equals(.number(let x)): ["equals", .of(x)]
    case .equals(.flag(let x)): ["equals", .of(x ? 1 : 0)]
    case .any(let tests): .list(["any"] + tests.map(\.json))
    case .atLeast(let x): ["at_least", .of(x)]
    case .atMost(let x): ["at_most", .of(x)]
    case .above(let x): ["above", .of(x)]
    case .below(let x): ["below", .of(x)]
    case .between(let low, let high): ["between", .of(low), .of(high)]
    case .multipleOf(let x): ["multiple_of", .of(x)]
    case .missing: ["missing"]
    case .present: ["present"]
    case .not(let test): ["not", test.json]
    case .equals, .matches, .matchesAnyCase, .inList: ["any"]
    }
  }

  init?(json: JSONValue) {
    guard let list = json.list, let word = list.first?.text else { return nil }
    let x = list.count > 1 ? list[1].number : nil
    let test: Test? =
      switch word {
      case "equals": x.map { .equals(.number($0)) }
      case "any":
        list.dropFirst().contains { Test(json: $0) == nil }
          ? nil : .any(list.dropFirst().compactMap { Test(json: $0) })
      case "at_least": x.map { .atLeast($0) }
      case "at_most": x.map { .atMost($0) }
      case "above": x.map { .above($0) }
      case "below": x.map { .below($0) }
      case "between":
        if let x, list.count > 2, let high = list[2].number { .between(x, high) } else { nil }
      case "multiple_of": x.map { .multipleOf($0) }
      case "missing": .missing
      case "present": .present
      case "not": list.count > 1 ? Test(json: list[1]).map { .not($0) } : nil
      default: nil
      }
    guard let test else { return nil }
    self = test
  }
}

extension Value {
  var json: JSONValue {
    switch self {
    case .missing: .null
    case .number(let x): .of(x)
    case .text(let text): .text(text)
    case .flag(let flag): .flag(flag)
    }
  }

  init?(json: JSONValue) {
    switch json {
    case .null: self = .missing
    case .flag(let flag): self = .flag(flag)
    case .integer(let x): self = .number(Double(x))
    case .number(let x): self = .number(x)
    case .text(let text): self = .text(text)
    case .list, .object: return nil
    }
  }
}
