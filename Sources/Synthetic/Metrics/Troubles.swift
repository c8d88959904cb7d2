import Primitives

/// What goes wrong or changes at an honest service: blips, campaigns, slow ramps, deploys, gaps, closer looks.
struct Troubles {
  private struct Episode {
    enum Shape { case blip, ramp, silence, closeLook, twoVersions }
    let shape: Shape
    let from: Double
    let to: Double
    let strength: Double
  }

  /// Not yet over, by start.
  private var episodes: [Episode] = []
  /// Hours at which a new version changes the level, and by how much.
  private var deploys: [(hour: Double, factor: Double)] = []

  init(hours: Range<Double>, cadence: Double, random: inout SeededRandom) {
    func plan(
      _ shape: Episode.Shape, everyDays: Double, _ random: inout SeededRandom,
      _ make: (inout SeededRandom) -> (length: Double, strength: Double)
    ) {
      var hour = hours.lowerBound + random.exponential(mean: everyDays * 24)
      while hour < hours.upperBound {
        let (length, strength) = make(&random)
        episodes.append(
          Episode(shape: shape, from: hour, to: hour + length, strength: strength))
        hour += length + random.exponential(mean: everyDays * 24)
      }
    }
    plan(.blip, everyDays: 4, &random) {
      (cadence * (0.9 + Double($0.below(3))), $0.uniform(1.5, 4))
    }
    plan(.blip, everyDays: 16, &random) {
      (max(cadence, $0.uniform(0.15, 1)), $0.uniform(2.5, 6.5))
    }
    plan(.ramp, everyDays: 9, &random) {
      (max(cadence * 4, $0.uniform(1.5, 9)), $0.uniform(1.4, 2.8))
    }
    plan(.silence, everyDays: 8, &random) { (cadence * $0.uniform(1, 8), 0) }
    plan(.closeLook, everyDays: 7, &random) { ($0.uniform(0.15, 1.1), $0.uniform(0.9, 1.5)) }
    plan(.twoVersions, everyDays: 9, &random) {
      ($0.uniform(0.7, 3), $0.uniform(0.6, 2.2))
    }
    episodes.sort { $0.from < $1.from }
    var hour = hours.lowerBound + random.exponential(mean: 10 * 24)
    while hour < hours.upperBound {
      deploys.append((hour, random.uniform(0.7, 1.5)))
      hour += random.exponential(mean: 10 * 24)
    }
  }

  /// Forgets what is over and carries out the deploys that are due.
  mutating func advance(to hour: Double, level: inout Double, random: inout SeededRandom) {
    episodes.removeAll { $0.to <= hour }
    while let next = deploys.first, next.hour <= hour {
      level *= next.factor
      deploys.removeFirst()
    }
  }

  func isSilent(_ hour: Double) -> Bool {
    episodes.contains { $0.shape == .silence && $0.from <= hour }
  }

  /// By how much the value stands above the usual one now.
  func factor(_ hour: Double, random: inout SeededRandom) -> Double {
    var factor = 1.0
    for episode in episodes where episode.from <= hour {
      switch episode.shape {
      case .blip: factor *= episode.strength * random.uniform(0.85, 1.15)
      case .ramp:
        let done = (hour - episode.from) / (episode.to - episode.from)
        factor *= 1 + (episode.strength - 1) * done
      case .silence, .closeLook, .twoVersions: break
      }
    }
    return factor
  }

  /// Values between two beats: somebody watches closely, or two versions report under one name.
  func extraPoints(after hour: Double, cadence: Double) -> [(hour: Double, factor: Double)] {
    for episode in episodes where episode.from <= hour {
      switch episode.shape {
      case .closeLook:
        let step = max(0.5 / 60, min(cadence / 3, 1.0 / 60))
        return stride(from: step, to: min(cadence, episode.to - hour), by: step).map {
          (hour + $0, episode.strength)
        }
      case .twoVersions:
        let count = cadence > 0.4 ? 3 : 1
        return (1...count).map {
          (hour + cadence * Double($0) / Double(count + 1), episode.strength)
        }
      case .blip, .ramp, .silence: break
      }
    }
    return []
  }
}
