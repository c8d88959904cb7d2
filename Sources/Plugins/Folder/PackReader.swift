import Scripting

/// Reads a `pack { … }`.
struct PackReader {
  let reader: TableReader

  func pack() -> Pack? {
    reader.allow(["name", "version", "description", "requires"])
    let name = reader.identifier("name")
    let version = reader.text("version", example: "\"1.0.0\"")
    let description = reader.text("description", example: "\"What it is for\"")
    let requires = reader.texts("requires")
    guard let name, let version, let description else { return nil }
    return Pack(
      name: name, version: version, description: description, requires: requires,
      origin: reader.declared.origin)
  }
}
