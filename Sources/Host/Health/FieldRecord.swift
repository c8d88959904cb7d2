import Foundation
import Primitives

/// Which fields the events of each source and kind usually carry, kept in the data directory from run to run.
struct FieldRecord: Sendable, Equatable {
  struct Stream: Sendable, Equatable {
    var source: String
    var kind: String
    /// How many windows were looked at, in all runs.
    var windows: Int
    /// The newest event.
    var newest: Timestamp
    /// By field, the share of events that carry it.
    var shares: [String: Double]
    var gone: [GoneField]
  }

  private(set) var streams: [Stream] = []
  private static let mostStreams = 1024

  init() {}

  func usual(source: String, kind: String) -> Stream? {
    streams.first { $0.source == source && $0.kind == kind }
  }

  /// What is known of fields that a run did not look at stays.
  mutating func set(_ stream: Stream) {
    guard
      let place = streams.firstIndex(where: { $0.source == stream.source && $0.kind == stream.kind }
      )
    else {
      streams.append(stream)
      // Events may name their source and kind themselves: those not seen for longest are forgotten.
      if streams.count > FieldRecord.mostStreams {
        let oldest = streams.indices.min { streams[$0].newest < streams[$1].newest }
        if let oldest { streams.remove(at: oldest) }
      }
      return
    }
    var new = stream
    new.shares = streams[place].shares.merging(stream.shares) { _, new in new }
    new.newest = max(streams[place].newest, stream.newest)
    streams[place] = new
  }

  /// Takes over what another lane of the same run knows of its own sources.
  mutating func add(_ other: FieldRecord) { for stream in other.streams { set(stream) } }

  var gone: [GoneField] { streams.flatMap(\.gone) }

  /// The newest event of each source.
  var newest: [String: Timestamp] {
    streams.reduce(into: [:]) { $0[$1.source] = max($0[$1.source] ?? $1.newest, $1.newest) }
  }

  private static func path(_ settings: Settings) -> String {
    settings.dataDirectory + "/field-health.json"
  }

  func write(_ settings: Settings) throws(Failure) {
    try OutputFile.write((json.serialized(.indented) + "\n").utf8, to: FieldRecord.path(settings))
  }

  /// Empty before the first run.
  static func read(_ settings: Settings) throws(Failure) -> FieldRecord {
    let path = path(settings)
    guard FileManager.default.fileExists(atPath: path) else { return FieldRecord() }
    let text = try Folder.text(of: path, "the fields' health")
    do throws(JSONProblem) {
      if let record = FieldRecord(try JSONValue.parse(text)) { return record }
    } catch {
      // Told below: whatever is wrong with it, it is no record.
    }
    throw Failure(
      .input, "\(path) is not what a run left there", advice: "remove it; the next run writes it")
  }

  /// The same for those who can do without: where it is damaged, that is said and all begins anew.
  static func read(_ settings: Settings, orWarn progress: some JobProgress) -> FieldRecord {
    do throws(Failure) {
      return try read(settings)
    } catch {
      progress.warn("\(error.message); which fields are usual is learned anew")
      return FieldRecord()
    }
  }

  var json: JSONValue {
    [
      "streams": .list(
        streams.map { stream in
          [
            "source": .text(stream.source), "kind": .text(stream.kind),
            "windows": .integer(Int64(stream.windows)), "newest": .text(stream.newest.description),
            "shares": .object(
              stream.shares.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) }),
            "gone": .list(stream.gone.map(\.json)),
          ]
        })
    ]
  }

  init?(_ value: JSONValue) {
    guard let rows = value["streams"]?.list else { return nil }
    for row in rows {
      guard let source = row["source"]?.text, let kind = row["kind"]?.text,
        let windows = row["windows"]?.integer.flatMap({ Int(exactly: $0) }), windows >= 0,
        let newest = row["newest"]?.text.flatMap(TimeWords.parse),
        let members = row["shares"]?.members, let gone = row["gone"]?.list
      else { return nil }
      var shares: [String: Double] = [:]
      for member in members {
        guard let share = member.value.number, (0...1).contains(share) else { return nil }
        shares[member.key] = share
      }
      streams.append(
        Stream(
          source: source, kind: kind, windows: windows, newest: newest, shares: shares,
          gone: gone.compactMap(GoneField.init)))
    }
  }
}
