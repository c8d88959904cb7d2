import Cases
import Crypto
import Detection
import Foundation
import Ingest
import Learning
import Plugins
import Primitives
import Store

/// The model of a run as it is written down: what it is called, where it came from, and what it says.
struct SetupModel: Sendable {
  let file: Model
  let name: String
  /// Missing where it has no file.
  let path: String?
  /// Of all that it says; see `Model.digest`.
  let digest: String
}

/// What a generation judges with, as it is written down: every plugin file, every rule with its file, every list and the
/// model, each named by a digest of its content.
///
/// Of lists that is what stands in them, without comments. Nothing of the settings is looked at.
struct SetupDescription: Sendable {
  /// Bytes of a list that are kept; of a larger one its digest and number of entries alone.
  static let mostOfAList = 4 << 20
  /// Bytes of a model, as we write it, that are kept.
  static let mostOfAModel = 16 << 20
  /// Packed bytes that are kept of one setup: files come first, then the smallest lists.
  static let mostPacked = 32 << 20
  /// A model of more nodes is not even written: each takes a hundred bytes.
  private static let mostNodes = mostOfAModel / 64

  let setup: NewSetup
  private let pieces: [String: Piece]
  /// The digests of `pieces`, in the order in which room is given to them.
  private let order: [String]

  private enum Piece: Sendable {
    case text(String)
    case list(TextList)
    case model(Model)
  }

  init(_ installation: Installation, model: SetupModel? = nil) {
    var parts: [SetupPart] = []
    var pieces: [String: Piece] = [:]
    var order: [String] = []
    func add(_ part: SetupPart, _ piece: Piece) {
      parts.append(part)
      if pieces.updateValue(piece, forKey: part.digest) == nil { order.append(part.digest) }
    }
    let plugins = installation.plugins
    var files: [String: SetupPart] = [:]
    for file in plugins.files {
      let text = file.source.text
      let part = SetupPart(
        .file, file.name, digest: SetupDescription.digest(text.utf8), bytes: text.utf8.count)
      files[file.source.file] = part
      add(part, .text(text))
    }
    for rule in plugins.rules.sorted(by: { $0.id < $1.id }) {
      guard let file = files[rule.file] else { continue }
      var detail: [JSONValue.Member] = [.init("file", .text(file.name))]
      if let pack = plugins.pack(of: rule.file) {
        detail.append(.init("version", .text("\(pack.name) \(pack.version)")))
      }
      parts.append(
        SetupPart(
          .rule, rule.id, digest: file.digest, bytes: file.bytes, detail: .object(detail)))
    }
    let book = installation.lists.book
    let lists = book.names.compactMap { name in book[name].map { (name: name, list: $0) } }
    for (name, list) in lists.sorted(by: {
      ($0.list.textBytes, $0.name) < ($1.list.textBytes, $1.name)
    }) {
      add(
        SetupPart(
          .list, name, digest: SetupDescription.digest(list), bytes: SetupDescription.bytes(list),
          detail: ["entries": .integer(Int64(list.count))]), .list(list))
    }
    if let model {
      var detail: [JSONValue.Member] = []
      if let path = model.path { detail.append(.init("path", .text(path))) }
      add(
        SetupPart(.model, model.name, digest: model.digest, bytes: 0, detail: .object(detail)),
        .model(model.file))
    }
    var hash = SHA256()
    hash.update(data: Array(plugins.digest.utf8))
    for part in parts {
      let line =
        "\(part.kind.rawValue)\u{0}\(part.name)\u{0}\(part.detail.serialized())\u{0}\(part.digest)\u{0}"
      hash.update(data: Array(line.utf8))
    }
    setup = NewSetup(
      digest: hexadecimal(hash.finalize()), pluginsDigest: plugins.digest, parts: parts)
    self.pieces = pieces
    self.order = order
  }

  /// Contents as they are written, packed; those that are too large or have no room beside the others lack their bytes.
  ///
  /// - Parameter room: packed bytes that all of them may take.
  func contents(
    _ digests: [String], _ packer: ZstdPacker, room: Int = mostPacked
  ) throws(Failure) -> [String: SetupStore.Content] {
    let asked = Set(digests)
    var room = room
    var contents: [String: SetupStore.Content] = [:]
    for digest in order where asked.contains(digest) {
      guard let piece = pieces[digest] else { continue }
      let (size, bytes) = try SetupDescription.bytes(piece)
      var body = try bytes.map { (bytes) throws(Failure) in try packer.pack(bytes) }
      if let packed = body, packed.count > room { body = nil }
      room -= body?.count ?? 0
      contents[digest] = SetupStore.Content(bytes: size, body: body)
    }
    return contents
  }

  /// The size of a piece and its bytes, which are missing where it is too large.
  private static func bytes(_ piece: Piece) throws(Failure) -> (size: Int, bytes: [UInt8]?) {
    switch piece {
    case .text(let text): return (text.utf8.count, Array(text.utf8))
    case .list(let list):
      let size = bytes(list)
      guard size <= mostOfAList else { return (size, nil) }
      var lines: [UInt8] = []
      lines.reserveCapacity(size)
      list.each { entry in
        lines.append(contentsOf: entry)
        lines.append(10)
      }
      return (size, lines)
    case .model(let model):
      let size = model.forest.nodes.count * 64
      guard model.forest.nodes.count <= mostNodes else { return (size, nil) }
      let data = try ModelFile.encode(model)
      return (data.count, data.count <= mostOfAModel ? Array(data) : nil)
    }
  }

  // MARK: digests

  private static func bytes(_ list: TextList) -> Int { list.textBytes + list.count }

  private static func digest(_ bytes: some Sequence<UInt8>) -> String {
    hexadecimal(SHA256.hash(data: Array(bytes)))
  }

  /// Of the entries, each with a line's end after it.
  private static func digest(_ list: TextList) -> String {
    var hash = SHA256()
    let end: [UInt8] = [10]
    list.each { entry in
      hash.update(bufferPointer: UnsafeRawBufferPointer(entry))
      hash.update(data: end)
    }
    return hexadecimal(hash.finalize())
  }
}
