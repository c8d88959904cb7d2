/// What is usual for an entity in one hour of the week, so that a busy Monday morning is no surprise.
extension EntityStage {
  /// Values that a baseline is made of at most, and at least.
  static let seasonMost = 64
  static let seasonFewest = 4

  /// The value's distance from the median of the newest values of its hour of the week, in robust deviations.
  func seasonal(
    _ state: UnsafeMutablePointer<StreamState>, _ layout: StreamLayout, _ start: Int, _ end: Int,
    _ own: Double, _ hour: Int
  ) -> Double {
    if own.isNaN || start >= end { return .nan }
    let hours = state.pointee.hours(layout)
    let numbers = state.pointee.numbers(layout)
    var found = 0
    var position = end - 1
    while position >= start && found < EntityStage.seasonMost {
      if Int(hours[position]) == hour {
        seasonValues[found] = numbers[position]
        found += 1
      }
      position -= 1
    }
    if found < EntityStage.seasonFewest { return .nan }
    let center = median(found)
    for index in 0..<found { seasonValues[index] = abs(seasonValues[index] - center) }
    return (own - center) / (1.4826 * median(found))
  }

  /// Sorts the first values; they are few.
  private func median(_ count: Int) -> Double {
    for index in 1..<count {
      let value = seasonValues[index]
      var place = index
      while place > 0 && seasonValues[place - 1] > value {
        seasonValues[place] = seasonValues[place - 1]
        place -= 1
      }
      seasonValues[place] = value
    }
    let middle = count / 2
    if count & 1 == 1 { return seasonValues[middle] }
    return seasonValues[middle - 1] / 2 + seasonValues[middle] / 2
  }
}
