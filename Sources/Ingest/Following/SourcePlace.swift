import Detection
package import Primitives

/// How far a follower has read: what a checkpoint keeps and a restart goes on from.
///
/// It stands between two events: everything before it was handed over in batches, nothing behind it was.
package struct SourcePlace: Hashable, Sendable {
  package struct File: Hashable, Sendable {
    package var path: String
    package var device: UInt64
    package var inode: UInt64
    /// Of the first byte of the first record not handed over whole, in the decompressed file, from 0.
    package var offset: Int64
    /// Of that byte, from 1.
    package var line: Int
    /// Events of that record that were handed over, where it stands for several.
    package var copies: UInt64
    /// A hash of the first `hashedBytes` bytes: whether a file of this inode is still the same.
    package var hash: UInt64
    package var hashedBytes: Int

    var identity: FileIdentity { FileIdentity(device: device, inode: inode) }
  }

  package var files: [File]
  /// The columns of the last CSV header.
  package var header: [String]?
  /// Fields that were found when the source was first looked at.
  var discovered: Discovery.Fields
  /// Where times carry no year: the year and month of the last one.
  package var year: Int?
  package var month: Int

  /// One member a property, for a checkpoint.
  package var json: JSONValue {
    [
      "files": .list(files.map(\.json)),
      "header": header.map { .list($0.map { .text($0) }) } ?? .null,
      "fields": discovered.native.json, "event_fields": discovered.canonical.json,
      "year": year.map { .integer(Int64($0)) } ?? .null, "month": .integer(Int64(month)),
    ]
  }

  /// Takes back what `json` gave; missing where it is something else.
  package init?(json: JSONValue) {
    guard let list = json["files"]?.list, let native = [Discovery.Found](json: json["fields"]),
      let canonical = [Discovery.Found](json: json["event_fields"]),
      let month = json["month"]?.integer.flatMap({ Int(exactly: $0) })
    else { return nil }
    files = list.compactMap { File(json: $0) }
    if files.count != list.count { return nil }
    header = json["header"]?.list?.compactMap(\.text)
    discovered = Discovery.Fields(native: native, canonical: canonical)
    year = json["year"]?.integer.flatMap { Int(exactly: $0) }
    self.month = month
  }

  init(files: [File], header: [String]?, discovered: Discovery.Fields, year: Int?, month: Int) {
    self.files = files
    self.header = header
    self.discovered = discovered
    self.year = year
    self.month = month
  }
}

extension SourcePlace.File {
  var json: JSONValue {
    [
      "path": .text(path), "device": .text(String(device)), "inode": .text(String(inode)),
      "offset": .integer(offset), "line": .integer(Int64(line)), "copies": .integer(Int64(copies)),
      "hash": .text(String(hash)), "hashed_bytes": .integer(Int64(hashedBytes)),
    ]
  }

  init?(json: JSONValue) {
    guard let path = json["path"]?.text, let device = json["device"]?.text.flatMap({ UInt64($0) }),
      let inode = json["inode"]?.text.flatMap({ UInt64($0) }), let offset = json["offset"]?.integer,
      let line = json["line"]?.integer.flatMap({ Int(exactly: $0) }),
      let copies = json["copies"]?.integer.flatMap({ UInt64(exactly: $0) }),
      let hash = json["hash"]?.text.flatMap({ UInt64($0) }),
      let hashedBytes = json["hashed_bytes"]?.integer.flatMap({ Int(exactly: $0) }), offset >= 0,
      line >= 1, (0...FollowedFile.hashedLimit).contains(hashedBytes)
    else { return nil }
    self.init(
      path: path, device: device, inode: inode, offset: offset, line: line, copies: copies,
      hash: hash, hashedBytes: hashedBytes)
  }
}

extension [Discovery.Found] {
  fileprivate var json: JSONValue {
    .list(
      map { ["path": .text($0.path), "field": .text($0.field), "type": .text($0.type.rawValue)] })
  }

  fileprivate init?(json: JSONValue?) {
    guard let list = json?.list else { return nil }
    self = []
    for one in list {
      guard let path = one["path"]?.text, let field = one["field"]?.text,
        let type = one["type"]?.text.flatMap({ FieldType(rawValue: $0) })
      else { return nil }
      append(Discovery.Found(path: path, field: field, type: type))
    }
  }
}
