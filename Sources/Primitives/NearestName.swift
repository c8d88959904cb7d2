/// The known name that a misspelt one most likely meant, for "did you mean".
///
/// Restricted Damerau-Levenshtein distance over bytes; at most a third of the word may differ.
package func nearestName(to word: String, among known: some Sequence<String>) -> String? {
  // Nothing that has a name has a longer one, and comparing takes the product of both lengths.
  if word.utf8.count > 128 { return nil }
  let allowed = max(1, word.utf8.count / 3)
  var best: (distance: Int, name: String)?
  for name in known where name != word {
    let distance = editDistance(Array(word.utf8), Array(name.utf8))
    if distance <= allowed && (best == nil || (distance, name) < (best!.distance, best!.name)) {
      best = (distance, name)
    }
  }
  return best?.name
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + [Int](repeating: 0, count: b.count)
    for j in 1...b.count {
      let substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(substituted, last[j] + 1, row[j - 1] + 1)
      if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
