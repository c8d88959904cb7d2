/// The middle value, or the mean of the two in the middle; missing for none.
package func median(_ values: [Double]) -> Double? {
  let sorted = values.sorted()
  if sorted.isEmpty { return nil }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
