package import Detection

/// The features of one judgement with the quantities that they follow: says what every feature would have been had a
/// quantity been another.
///
/// Setting a quantity carries over to all features that are made of it:
///
/// - the event's number: its ratios, differences and z-scores, and whether the event itself is counted where a filter
///   looks at it;
/// - fewer events in a window: as many fewer in every window that holds it (a longer one, or one with fewer
///   conditions), and no more than are left in every window inside it; where none are left, what was measured of them is
///   missing, and the pause before the event is longer than the window;
/// - a longer pause: no earlier events in windows that are shorter; a shorter one: one more event like this one;
/// - fewer different values, a smaller total: as with events, and the mean with the total.
///
/// What else the past was (its means, extremes, habits) is held as it was: whom the change would have made of the entity
/// in other respects, nobody knows.
package struct Quantities: Sendable {
  package struct Lever: Sendable {
    package var lever: Cases.Lever
    package var value: Double
    /// Decimals in which it is set; 0 for whole numbers.
    package var decimals: Int
    package var least: Double
    package var most: Double
    /// Facts that may change with it.
    package var touched: [Int]
    /// Whether a feature hangs on it in a way that was not kept.
    package var isHidden: Bool
    /// Whether it is a quantity of something that found the event.
    package var isCause: Bool
  }

  /// Longer windows say what an entity is used to do, not what it did.
  private static let longestDeed = 7.0 * 86_400

  struct Cell {
    /// NaN where missing.
    var value: Double
    var move: FeatureMove
    /// The places of the two parts of a quotient or difference.
    var parts: (Int, Int)?
  }

  package let event: EventRecord
  var cells: [Cell]
  package private(set) var levers: [Lever] = []
  /// The given facts stand first, in their order; parts of derived ones after them.
  package let factCount: Int
  private var places: [Cases.Lever: Int] = [:]
  /// By lever and cell.
  private var effects: [[Effect]] = []

  /// How a cell hangs on a lever.
  enum Effect {
    case none
    /// It is the quantity itself.
    case own
    /// It holds the quantity: as much less.
    case holds
    /// It lies inside it: no more than this.
    case inside
    /// It is missing, or the event alone, once the quantity leaves nothing.
    case emptied
    /// The own number of the event is read.
    case number
    /// A pause: what is within it is gone. So many earlier events lie within so many seconds.
    case pause([(seconds: Double, events: Double)])
    /// A mean moves with its total.
    case scaled
    case derived
  }

  /// - Parameters:
  ///   - causes: places of facts that what found the event looks at.
  ///   - numbers: fields of the event that are looked at, and of these the ones that what found the event looks at.
  package init(
    event: EventRecord, facts: [FrozenJudgement.Fact], causes: Range<Int>? = nil,
    numbers: [String: Bool] = [:]
  ) {
    let causes = causes ?? facts.indices
    self.event = event
    factCount = facts.count
    cells = facts.map { Cell(value: $0.value ?? .nan, move: $0.move) }
    var next = 0
    while next < cells.count {
      switch cells[next].move {
      case .quotient(let a, let b), .difference(let a, let b):
        cells[next].parts = (cells.count, cells.count + 1)
        cells.append(Cell(value: a.value ?? .nan, move: a.move))
        cells.append(Cell(value: b.value ?? .nan, move: b.move))
      default: break
      }
      next += 1
    }
    var isCause = cells.indices.map { causes.contains($0) }
    for (place, cell) in cells.enumerated() {
      addLevers(of: cell, isCause: isCause[place])
      if let (a, b) = cell.parts {
        isCause[a] = isCause[place]
        isCause[b] = isCause[place]
      }
    }
    for (field, isCause) in numbers.sorted(by: { $0.key < $1.key }) {
      addNumber(field, isCause: isCause)
    }
    for index in levers.indices {
      let row = cells.indices.map { effect(of: levers[index], on: $0) }
      effects.append(row)
    }
    spreadToDerived()
    for index in levers.indices {
      levers[index].touched = (0..<factCount).filter {
        if case .none = effects[index][$0] { false } else { true }
      }
    }
  }

  // MARK: levers

  private mutating func add(
    _ lever: Cases.Lever, _ value: Double, decimals: Int, least: Double, most: Double,
    isCause: Bool
  ) {
    if let known = places[lever] {
      if isCause { levers[known].isCause = true }
      return
    }
    guard value.isFinite, least <= value else { return }
    places[lever] = levers.count
    levers.append(
      Lever(
        lever: lever, value: value, decimals: decimals, least: least, most: most, touched: [],
        isHidden: false, isCause: isCause))
  }

  private mutating func addNumber(_ field: String, isCause: Bool) {
    guard case .number(let x)? = event.fields[field] else { return }
    add(
      .number(field: field), x, decimals: Quantities.decimals(of: x, field: field),
      least: x >= 0 ? 0 : -.greatestFiniteMagnitude, most: .greatestFiniteMagnitude,
      isCause: isCause)
  }

  /// Words that end the names of fields that hold whole numbers: what is counted, and numbers that are names.
  private static let counted: Set<Substring> = [
    "attempts", "bytes", "code", "count", "counts", "errors", "events", "failures", "files", "hits",
    "id", "items", "logins", "messages", "number", "packets", "pid", "port", "ports", "quantity",
    "records", "requests", "retries", "rows", "sessions", "tries", "uid", "users", "year",
  ]

  /// Hundredths of what is measured, finer ones of small numbers. A schema says "number" of both, so that it is the name
  /// that tells what is counted from what is measured, as long as the number at hand is whole: 100 of a measured load may
  /// have been 99.99, and 5 attempts never 4.99.
  static func decimals(of x: Double, field: String) -> Int {
    let size = abs(x)
    let word = field.split(separator: "_").last ?? ""
    if size == size.rounded(), counted.contains(word) { return 0 }
    if size >= 0.1 || size == 0 { return 2 }
    var decimals = 3
    var grain = 0.01
    while decimals < 9, size < grain {
      decimals += 1
      grain /= 10
    }
    return decimals
  }

  private mutating func addLevers(of cell: Cell, isCause: Bool) {
    if cell.value.isNaN { return }
    switch cell.move {
    case .follows(let field, _, _, _): addNumber(field, isCause: isCause)
    case .hidden(let field):
      addNumber(field, isCause: isCause)
      if let place = places[.number(field: field)] { levers[place].isHidden = true }
    case .events(let window, let own, let scale):
      for predicate in own.numbers { addNumber(predicate.name, isCause: isCause) }
      let n = (cell.value / scale).rounded()
      let least = own.count { event.number($0) }
      addTally(.events(window), window, n, decimals: 0, least: least, isCause)
    case .distinct(let window, let field, let own):
      let lever = Cases.Lever.distinct(window, field: field)
      addTally(lever, window, cell.value, decimals: 0, least: own, isCause)
    case .pause(let stream, let counts):
      add(
        .pause(stream), cell.value, decimals: 0, least: counts ? 0 : cell.value,
        most: Quantities.longestPause, isCause: isCause)
    case .novelty(let stream, let field):
      add(
        .novelty(stream, field: field), cell.value, decimals: 0, least: 0, most: cell.value,
        isCause: isCause)
    case .total(let window, let field) where cell.value > 0:
      let decimals = Quantities.decimals(of: cell.value, field: field)
      let lever = Cases.Lever.total(window, field: field)
      addTally(lever, window, cell.value, decimals: decimals, least: 0, isCause)
    case .fixed, .mean, .total, .past, .quotient, .difference: break
    }
  }

  private mutating func addTally(
    _ lever: Cases.Lever, _ window: FeatureMove.Window, _ value: Double, decimals: Int,
    least: Double, _ isCause: Bool
  ) {
    guard window.seconds <= Quantities.longestDeed else { return }
    add(lever, value, decimals: decimals, least: least, most: value, isCause: isCause)
  }

  private static let longestPause = 3660.0 * 86_400

  // MARK: effects

  private func effect(of lever: Lever, on place: Int) -> Effect {
    let cell = cells[place]
    if cell.value.isNaN { return .none }
    switch (lever.lever, cell.move) {
    case (.number(let field), .follows(let other, _, _, _)),
      (.number(let field), .hidden(let other)):
      return field == other ? .number : .none
    case (.number(let field), .events(_, let own, _)):
      return own.isOfStream && own.numbers.contains { $0.name == field } ? .number : .none
    case (.events(let mine), .events(let other, _, _)):
      if mine == other { return .own }
      if mine.isWithin(other) { return .holds }
      return other.isWithin(mine) ? .inside : .none
    case (.events(let mine), .distinct(let other, _, _)):
      return other.isWithin(mine) ? .inside : .none
    case (.events(let mine), .pause(let stream, _)):
      return stream.isWithin(mine.stream) ? .emptied : .none
    case (.events(let mine), .total(let other, _)), (.events(let mine), .mean(let other, _)):
      return other.isWithin(mine) ? .emptied : .none
    case (.events(let mine), .past(let past)), (.events(let mine), .follows(_, _, _, let past?)):
      return past.window.isWithin(mine) ? .emptied : .none
    case (.distinct(let mine, let field), .distinct(let other, let otherField, _)):
      if field != otherField { return .none }
      return mine == other ? .own : other.isWithin(mine) ? .inside : .none
    case (.pause(let mine), .pause(let other, _)):
      return mine == other ? .own : .none
    case (.pause(let mine), .events(let window, _, _)):
      guard window.stream.isWithin(mine) || mine.isWithin(window.stream) else { return .none }
      return .pause(gone(within: mine, and: window))
    case (.pause(let mine), .distinct(let window, _, _)):
      return window.stream.isWithin(mine) ? .pause([]) : .none
    case (.pause(let mine), .total(let window, _)), (.pause(let mine), .mean(let window, _)):
      return window.stream.isWithin(mine) ? .pause([]) : .none
    case (.pause(let mine), .past(let past)), (.pause(let mine), .follows(_, _, _, let past?)):
      return past.window.stream.isWithin(mine) ? .pause([]) : .none
    case (.novelty(let mine, let field), .novelty(let other, let otherField)):
      return mine == other && field == otherField ? .own : .none
    case (.total(let mine, let field), .total(let other, let otherField)):
      if field != otherField { return .none }
      if mine == other { return .own }
      if mine.isWithin(other) { return .holds }
      return other.isWithin(mine) ? .inside : .none
    case (.total(let mine, let field), .mean(let other, let otherField)):
      return mine == other && field == otherField ? .scaled : .none
    default: return .none
    }
  }

  /// Earlier events that are known to lie both in a stream and in a window, by how far back.
  private func gone(
    within stream: FeatureMove.Stream, and window: FeatureMove.Window
  ) -> [(seconds: Double, events: Double)] {
    cells.compactMap { cell in
      guard case .events(let inner, let own, let scale) = cell.move, !cell.value.isNaN,
        inner.stream.isWithin(stream), inner.isWithin(window)
      else { return nil }
      let n = (cell.value / scale).rounded() - own.count { event.number($0) }
      return (inner.seconds, n)
    }
  }

  /// A derived cell hangs on all that its parts hang on; parts stand after what is made of them.
  private mutating func spreadToDerived() {
    for place in cells.indices.reversed() {
      guard let (a, b) = cells[place].parts, !cells[place].value.isNaN else { continue }
      for lever in levers.indices {
        if case .none = effects[lever][a], case .none = effects[lever][b] { continue }
        effects[lever][place] = .derived
      }
    }
  }

  // MARK: values

  func effect(_ lever: Int, _ cell: Int) -> Effect { effects[lever][cell] }

  /// Whether one quantity is part of another, so that a change of it says more.
  package func isPart(_ lever: Int, of other: Int) -> Bool {
    switch (levers[lever].lever, levers[other].lever) {
    case (.events(let mine), .events(let its)): mine.isWithin(its)
    case (.distinct(let mine, let a), .distinct(let its, let b)): a == b && mine.isWithin(its)
    case (.total(let mine, let a), .total(let its, let b)): a == b && mine.isWithin(its)
    default: false
    }
  }

  /// The event's number in a field, as it is in a world.
  package func number(_ field: String, in world: World) -> Double? {
    if let place = places[.number(field: field)],
      let setting = world.first(where: { $0.lever == place })
    {
      return setting.to
    }
    return event.number(field)
  }

  /// What a fact would have been; exactly what it was where nothing that it hangs on is set.
  package func value(_ place: Int, in world: World) -> Double {
    let cell = cells[place]
    var isTouched = false
    for setting in world {
      if case .none = effects[setting.lever][place] { continue }
      isTouched = true
    }
    return isTouched && !cell.value.isNaN ? changed(place, cell, world) : cell.value
  }

  private func changed(_ place: Int, _ cell: Cell, _ world: World) -> Double {
    switch cell.move {
    case .fixed, .hidden: return cell.value
    case .events(let window, let own, let scale):
      return events(place, cell, window, own, scale, world)
    case .distinct(let window, _, let own):
      var n = cell.value
      for setting in world {
        switch effects[setting.lever][place] {
        case .own: n = min(n, setting.to)
        case .inside: n = min(n, earlier(setting) + own)
        case .pause where setting.to > window.seconds: n = own
        default: break
        }
      }
      return max(n, own)
    case .pause:
      var seconds = cell.value
      for setting in world {
        switch effects[setting.lever][place] {
        case .own: seconds = setting.to
        case .emptied where leavesNone(setting, needs: 1):
          if case .events(let window) = levers[setting.lever].lever {
            seconds = max(seconds, window.seconds + 1)
          }
        default: break
        }
      }
      return seconds
    case .novelty:
      for setting in world { if case .own = effects[setting.lever][place] { return setting.to } }
      return cell.value
    case .total(let window, _):
      var sum = cell.value
      for setting in world {
        switch effects[setting.lever][place] {
        case .own, .inside: sum = min(sum, setting.to)
        case .holds: sum = min(sum, cell.value - (setting.from - setting.to))
        case .emptied where leavesNone(setting, needs: 1): return .nan
        case .pause where setting.to > window.seconds: return .nan
        default: break
        }
      }
      return sum
    case .mean(let window, _):
      var mean = cell.value
      for setting in world {
        switch effects[setting.lever][place] {
        case .scaled where setting.from != 0: mean = cell.value * (setting.to / setting.from)
        case .emptied where leavesNone(setting, needs: 1): return .nan
        case .pause where setting.to > window.seconds: return .nan
        default: break
        }
      }
      return mean
    case .past(let past): return isEmpty(place, past, world) ? .nan : cell.value
    case .follows(let field, let slope, let offset, let past):
      if let past, isEmpty(place, past, world) { return .nan }
      guard let x = number(field, in: world), x != event.number(field) else { return cell.value }
      let value = slope * x + offset
      return value.isFinite ? value : .nan
    case .quotient, .difference:
      guard let (a, b) = cell.parts else { return cell.value }
      let (first, second) = (value(a, in: world), value(b, in: world))
      if case .quotient = cell.move {
        let ratio = first / second
        return ratio.isFinite ? ratio : .nan
      }
      return first - second
    }
  }

  private func events(
    _ place: Int, _ cell: Cell, _ window: FeatureMove.Window, _ own: FeatureMove.OwnCount,
    _ scale: Double, _ world: World
  ) -> Double {
    let before = (cell.value / scale).rounded()
    let least = own.count { number($0, in: world) }
    let ownBefore = own.count { event.number($0) }
    var gone = 0.0
    var added = 0.0
    var most = Double.infinity
    for setting in world {
      switch effects[setting.lever][place] {
      case .own, .holds: gone = max(gone, setting.from - setting.to)
      case .inside: most = min(most, earlier(setting) + least)
      case .pause(let known):
        if setting.to > setting.from {
          for part in known where part.seconds < setting.to { gone = max(gone, part.events) }
        } else if ownBefore == 1, window.seconds >= setting.to {
          added = 1
        }
      default: break
      }
    }
    let n = max(least, min(before + (least - ownBefore) + added - gone, most))
    return n == before ? cell.value : scale * n
  }

  private func isEmpty(_ place: Int, _ past: FeatureMove.Past, _ world: World) -> Bool {
    world.contains { setting in
      switch effects[setting.lever][place] {
      case .emptied: leavesNone(setting, needs: past.needs)
      case .pause: setting.to > setting.from && setting.to > past.window.seconds
      default: false
      }
    }
  }

  /// Whether fewer earlier events are left than something needs: the event itself is none of them.
  private func leavesNone(_ setting: Setting, needs: Int) -> Bool {
    earlier(setting) < Double(needs)
  }

  /// What a tally leaves of earlier events.
  private func earlier(_ setting: Setting) -> Double {
    setting.to - levers[setting.lever].least
  }
}
