package import Primitives

/// How much past an engine keeps and how far back it still accepts events.
package struct WindowLimits: Hashable, Sendable {
  /// An event older than its entity's newest event by more than this is too late: it gets no features of that entity
  /// and leaves no trace in its windows. An event whose time lies far ahead of the stream makes no other late (see
  /// `StreamClock`). More lateness keeps more events per entity in memory.
  package var allowedLateness: TimeSpan
  /// An entity without events for longer than this is forgotten; never shorter than the longest window and lateness.
  package var timeToLive: TimeSpan
  /// Entities kept for each scope; above it the least recently seen go first. Spread over 64 partitions by hash, each
  /// with its share, so that the outcome does not depend on the number of shards.
  package var entities: Int
  /// Bytes of samples of what is usual for entities, for each scope; where they are used up, new entities get none.
  package var profileBytes: Int

  package init(
    allowedLateness: TimeSpan = .days(1), timeToLive: TimeSpan = .days(90),
    entities: Int = 1_000_000, profileBytes: Int = 64 << 20
  ) {
    precondition(allowedLateness >= .zero, "the allowed lateness is not negative")
    precondition(entities > 0, "an engine keeps at least one entity")
    self.allowedLateness = allowedLateness
    self.timeToLive = timeToLive
    self.entities = entities
    self.profileBytes = profileBytes
  }
}

/// What an engine holds and what it has let go, summed over its shards.
package struct WindowStatistics: Hashable, Sendable {
  package var entities = 0
  /// Bytes of window state, without the texts themselves.
  package var stateBytes = 0
  /// Entities dropped because there were too many.
  package var evicted = 0
  /// Entities dropped because they had been silent for too long.
  package var expired = 0
  /// (Row, scope) pairs that were too late.
  package var tooLate = 0

  package init() {}
}
