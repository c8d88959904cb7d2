import Primitives

/// How many alerts people have time for, and what is left out for it.
package struct AlertBudget: Hashable, Sendable {
  /// What the number is for.
  package enum Share: String, Hashable, Sendable, CaseIterable {
    case all, day, team
  }

  package var count: Int
  package var share: Share

  package init(count: Int, share: Share) {
    self.count = count
    self.share = share
  }

  /// The cut of one day or team.
  package struct Cut: Hashable, Sendable {
    /// A date, an owner, or empty for all.
    package var name: String
    package var kept: [RankedAlert]
    package var left: [RankedAlert]

    package var keptWorth: Cents { kept.reduce(.zero) { $0 + $1.worth } }
    package var leftWorth: Cents { left.reduce(.zero) { $0 + $1.worth } }
    /// What one more alert would be expected to save; missing where none is left.
    package var nextWorth: Cents? { left.first?.worth }
  }

  /// Cuts a ranking: the first `count` of each day or team are kept. In order of name.
  package func cut(_ ranked: [RankedAlert]) -> [Cut] {
    let groups = Dictionary(grouping: ranked) { name($0.fact) }
    return groups.sorted { $0.key < $1.key }.map {
      Cut(
        name: $0.key, kept: Array($0.value.prefix(count)), left: Array($0.value.dropFirst(count)))
    }
  }

  private func name(_ fact: AlertFact) -> String {
    switch share {
    case .all: ""
    case .day: String(fact.time.description.prefix(10))
    case .team: fact.owner ?? "nobody"
    }
  }
}
