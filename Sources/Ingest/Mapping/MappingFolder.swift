import Glibc
package import Primitives

extension SourceMapping {
  /// The mapping of a source from a folder such as `config/sources`; a failure tells all problems of the file at once.
  package static func load(id: String, folder: String) throws(Failure) -> SourceMapping {
    let known = try ids(folder: folder)
    guard known.contains(id) else {
      let advice =
        nearestName(to: id, among: known).map { "did you mean '\($0)'?" }
        ?? "known are \(known.joined(separator: ", "))"
      throw Failure(.usage, "unknown source '\(id)' in \(folder)", advice: advice)
    }
    return try load(file: "\(folder)/\(id).yaml", expecting: id)
  }

  /// Every mapping of a folder by id, in order of id.
  package static func all(folder: String) throws(Failure) -> [SourceMapping] {
    var mappings: [SourceMapping] = []
    var problems: [String] = []
    for id in try ids(folder: folder) {
      do {
        mappings.append(try load(file: "\(folder)/\(id).yaml", expecting: id))
      } catch {
        problems.append(error.description)
      }
    }
    if !problems.isEmpty { throw Failure(.usage, problems.joined(separator: "\n")) }
    return mappings
  }

  private static func load(file: String, expecting id: String) throws(Failure) -> SourceMapping {
    let text = try readText(file)
    let (mapping, problems) = read(text, file: file)
    guard let mapping else {
      throw Failure(.usage, problems.map(\.description).joined(separator: "\n"))
    }
    if mapping.id != id {
      throw Failure(
        .usage, "\(file): the id '\(mapping.id)' is not the file's name",
        advice: "rename one of them")
    }
    return mapping
  }

  private static func ids(folder: String) throws(Failure) -> [String] {
    guard let directory = opendir(folder) else {
      throw Failure(
        .usage, "cannot read the folder '\(folder)': \(String(cString: strerror(errno)))",
        advice: "check the path")
    }
    defer { closedir(directory) }
    var ids: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".yaml") && !name.hasPrefix(".") { ids.append(String(name.dropLast(5))) }
    }
    return ids.sorted()
  }
}

/// A small file as text; the last resort for an invalid byte is a failure, not a repair.
func readText(_ path: String) throws(Failure) -> String {
  let source = try ByteSource(path: path)
  var bytes: [UInt8] = []
  let space = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
  defer { space.deallocate() }
  while true {
    let count = try source.read(into: space)
    if count == 0 { break }
    bytes.append(contentsOf: space[..<count])
    if bytes.count > 1 << 30 {
      throw Failure(.input, "'\(path)' is above 1 GiB", advice: "check that it is the right file")
    }
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw Failure(.input, "'\(path)' is not UTF-8 text", advice: "check its encoding")
  }
  return text
}
