package import Detection
import Primitives

/// A world and a bank as one stream in order of time; the world's records are spelled out as they are asked for.
package struct WholeMonth: RandomAccessCollection, Sendable {
  private let world: World
  private let bank: [EventRecord]
  /// Places in the world, and those of the bank below zero, from -1 on downwards.
  private let order: [Int32]

  package init(_ world: World, _ bank: Bank) {
    self.world = world
    self.bank = bank.events
    var order: [Int32] = []
    order.reserveCapacity(world.count + bank.events.count)
    var place = 0
    for (number, event) in bank.events.enumerated() {
      while place < world.count && world.time(at: place) <= event.time {
        order.append(Int32(place))
        place += 1
      }
      order.append(-1 - Int32(number))
    }
    while place < world.count {
      order.append(Int32(place))
      place += 1
    }
    self.order = order
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { order.count }

  package subscript(place: Int) -> EventRecord {
    let own = Int(order[place])
    return own >= 0 ? world[own] : bank[-1 - own]
  }
}
