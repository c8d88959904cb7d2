import Glibc

/// Whether a change for the worse is more than chance, from the pairs that changed: the sign test.
///
/// Of n pairs that changed, each could as well have changed the other way; the exact one-sided probability that at least
/// `worse` of them got worse is the upper tail of a binomial of one half (McNemar's test in its exact form).
package enum SignTest {
  /// 1 where nothing changed; never 0.
  package static func probability(worse: Int, better: Int) -> Double {
    precondition(worse >= 0 && better >= 0, "counts are not negative")
    let pairs = worse + better
    // In logarithms, since 2^-n is no number from n = 1075 on.
    let all = lgamma(Double(pairs) + 1) - Double(pairs) * 0.693_147_180_559_945_3
    let sum = (worse...pairs).reduce(0.0) { sum, count in
      sum + exp(all - lgamma(Double(count) + 1) - lgamma(Double(pairs - count) + 1))
    }
    return min(1, max(sum, .leastNonzeroMagnitude))
  }
}
