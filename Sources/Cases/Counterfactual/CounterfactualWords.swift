import Detection
import Primitives

/// Says a change in the words of the features that it is seen by.
package struct CounterfactualWords: Sendable {
  private let quantities: Quantities
  private let facts: [FrozenJudgement.Fact]

  package init(_ quantities: Quantities, facts: [FrozenJudgement.Fact]) {
    self.quantities = quantities
    self.facts = facts
  }

  package func change(_ setting: Setting) -> Counterfactual.Change {
    let lever = quantities.levers[setting.lever]
    var quantity = ""
    var text = ""
    switch lever.lever {
    case .number(let field):
      quantity = field
      let (to, from) = (number(setting.to, lever), number(setting.from, lever))
      text =
        "\(CounterfactualWords.article(field)) \(field.replacing("_", with: " ")) of \(to) instead of \(from)"
    case .novelty(_, let field):
      quantity = fact(setting.lever)?.name ?? field
      let thing = field.replacing("_", with: " ")
      text = "\(CounterfactualWords.article(thing)) \(thing) seen before instead of a new one"
    case .events, .distinct, .pause, .total:
      let fact = fact(setting.lever)
      quantity = fact?.name ?? ""
      guard let fact else { break }
      var scale = 1.0
      if case .events(_, _, let each) = fact.move { scale = each }
      text =
        "\(fact.words.sentence(scale * setting.to)) instead of "
        + fact.words.number(scale * setting.from)
    }
    return Counterfactual.Change(
      quantity: quantity, from: setting.from, to: setting.to, text: text)
  }

  /// Features of what found the event that are something else with the changes, each once, in the facts' order.
  package func followers(_ world: World, among causes: Range<Int>) -> [Counterfactual.Follower] {
    var seen: Set<String> = []
    var followers: [Counterfactual.Follower] = []
    for place in causes {
      let fact = facts[place]
      let to = quantities.value(place, in: world)
      let known = to.isNaN ? nil : to
      if known == fact.value { continue }
      guard seen.insert(fact.name).inserted else { continue }
      followers.append(
        Counterfactual.Follower(
          feature: fact.name, from: fact.value, to: known))
    }
    return followers
  }

  /// The feature that is the quantity, a plain count before one that is scaled.
  private func fact(_ lever: Int) -> FrozenJudgement.Fact? {
    var other: FrozenJudgement.Fact?
    for place in quantities.levers[lever].touched {
      guard case .own = quantities.effect(lever, place) else { continue }
      if case .events(_, _, let scale) = facts[place].move, scale != 1 {
        other = other ?? facts[place]
        continue
      }
      return facts[place]
    }
    return other
  }

  private func number(_ x: Double, _ lever: Quantities.Lever) -> String {
    Format.number(x, atMost: min(17, max(2, lever.decimals)))
  }

  private static func article(_ word: String) -> String {
    word.first.map { "aeio".contains($0) } ?? false ? "an" : "a"
  }
}
