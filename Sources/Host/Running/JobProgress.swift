/// Whom a long job tells how far it is. Any thread may call it.
package protocol JobProgress: Sendable {
  /// A stage begins; `total` is missing where its end is not known.
  func begin(_ stage: String, total: Int?)
  func advance(to done: Int)
  /// `share` of the work, 0 to 1, where only that is known; missing where not even that is.
  func advance(to done: Int, share: Double?)
  /// The stage is over; what came out of it in a few words.
  func end(_ result: String)
  /// Something that was done, for people.
  func note(_ text: String)
  /// Something that the reader should know and that does not stop the job.
  func warn(_ text: String)
  /// An error that the job goes on without, told also to a reader who wants results and errors only.
  func tell(error: String)
  /// Whether whoever asked for the job wants no answer any more.
  var isStopped: Bool { get }
}

extension JobProgress {
  package var isStopped: Bool { false }

  package func advance(to done: Int, share: Double?) { advance(to: done) }

  package func tell(error: String) { warn(error) }
}

/// Tells nobody.
package struct NoProgress: JobProgress {
  package init() {}
  package func begin(_ stage: String, total: Int?) {}
  package func advance(to done: Int) {}
  package func end(_ result: String) {}
  package func warn(_ text: String) {}
}

extension JobProgress {
  package func note(_ text: String) {}
}
