import Glibc

/// A reproducible source of random numbers: the same seed gives the same draws on every machine.
///
/// xoshiro256** of Blackman and Vigna, its state filled by SplitMix64 (https://prng.di.unimi.it).
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spareNormal: Double?

  package init(seed: UInt64) {
    var mixer = seed
    func next() -> UInt64 {
      mixer &+= 0x9E37_79B9_7F4A_7C15
      return mixed(mixer)
    }
    state = (next(), next(), next(), next())
  }

  /// An independent stream for a named purpose, so that adding draws to one part does not move another.
  package init(seed: UInt64, purpose: String) {
    self.init(seed: StableHash.of(purpose.utf8, seed: seed))
  }

  package mutating func next() -> UInt64 {
    let result = rotated(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, by: 45)
    return result
  }

  /// Uniform in [0, 1), 53 bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in [low, high).
  package mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Uniform among the whole numbers 0 ..< `bound` (Lemire's multiplication with rejection); `bound` above 0.
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a draw needs at least one outcome")
    let n = UInt64(bound)
    var product = next().multipliedFullWidth(by: n)
    if product.low < n {
      let floor = (0 &- n) % n
      while product.low < floor { product = next().multipliedFullWidth(by: n) }
    }
    return Int(product.high)
  }

  package mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// Standard normal by the polar method of Marsaglia.
  package mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let u = uniform(-1, 1)
      let v = uniform(-1, 1)
      let s = u * u + v * v
      if s > 0 && s < 1 {
        let scale = (-2 * log(s) / s).squareRoot()
        spareNormal = v * scale
        return u * scale
      }
    }
  }

  package mutating func normal(mean: Double, deviation: Double) -> Double {
    mean + deviation * normal()
  }

  /// Exponential with the given mean.
  package mutating func exponential(mean: Double) -> Double { -log(1 - uniform()) * mean }

  /// Poisson with the given mean: Knuth's product below 30, a rounded normal above.
  package mutating func poisson(mean: Double) -> Int {
    if mean <= 0 { return 0 }
    if mean > 30 {
      return max(0, Int(normal(mean: mean, deviation: mean.squareRoot()).rounded()))
    }
    let limit = exp(-mean)
    var product = uniform()
    var count = 0
    while product > limit {
      product *= uniform()
      count += 1
    }
    return count
  }

  /// An index drawn with probability proportional to its weight; at least one weight above 0.
  package mutating func index(weights: [Double]) -> Int {
    var left = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      left -= weight
      if left < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}

private func rotated(_ x: UInt64, by k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }

func mixed(_ x: UInt64) -> UInt64 {
  var z = x
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
