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

  fileprivate static func load(file: String, expecting id: String) throws(Failure) -> SourceMapping
  {
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

  fileprivate static func ids(folder: String) throws(Failure) -> [String] {
    guard let names = InputPaths.folder(folder) else {
      throw Failure(
        .usage, "cannot read the folder '\(folder)': \(systemError(errno))",
        advice: "check the path")
    }
    return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }
}

/// Every mapping of a folder, in order of id, and those that cannot be used.
package struct MappingFolder: Sendable {
  package var mappings: [SourceMapping] = []
  /// One bad file stops its own source only.
  package var broken: [(id: String, failure: Failure)] = []

  /// Fails where the folder itself cannot be read.
  package init(_ folder: String) throws(Failure) {
    for id in try SourceMapping.ids(folder: folder) {
      do {
        mappings.append(try SourceMapping.load(file: "\(folder)/\(id).yaml", expecting: id))
      } catch {
        broken.append((id, error))
      }
    }
  }
}
