import Scripting

/// Reads a `pack { … }`.
struct PackReader {
  let reader: TableReader

  func pack() -> Pack? {
    reader.allow(["name", "version", "description", "requires"])
    let name = reader.identifier("name")
    let version = reader.text("version", example: "\"1.0.0\"")
    let number = version.flatMap(PackVersion.init)
    if let version, number == nil {
      reader.report(
        "bad-version", at: .name("version"), "\(quoted(version)) is not a version",
        suggestion: "write one to three numbers, such as \"1.2.0\"")
    }
    let description = reader.text("description", example: "\"What it is for\"")
    let texts = reader.texts("requires")
    let requires = texts.enumerated().map { index, text -> PackRequirement? in
      if let requirement = PackRequirement(text) { return requirement }
      reader.below(.name("requires"), ScriptTable()).report(
        "bad-requirement", at: .index(index + 1), "\(quoted(text)) is not a requirement",
        suggestion: "write the name of a pack, or \"base >= 1.2\"")
      return nil
    }
    guard let name, let number, let description, !requires.contains(where: { $0 == nil }) else {
      return nil
    }
    return Pack(
      name: name, version: number, description: description,
      requires: requires.compactMap { $0 }, origin: reader.declared.origin)
  }
}
