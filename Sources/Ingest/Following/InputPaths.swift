import Glibc
package import Primitives

/// Paths as people write them: files, folders, patterns such as `logs/*.jsonl`.
package enum InputPaths {
  /// The files that inputs of one pass stand for: a pattern for every file that it matches, in order of their names.
  ///
  /// What exists under the very name is no pattern. Fails where a pattern matches nothing.
  package static func expand(_ inputs: [String]) throws(Failure) -> [String] {
    var paths: [String] = []
    for input in inputs {
      if !isPattern(input) || access(input, F_OK) == 0 {
        paths.append(input)
        continue
      }
      let found = matches(input)
      if found.isEmpty {
        throw Failure(
          .input, "no file matches '\(input)'", advice: "check the folder and the pattern")
      }
      paths += found
    }
    return paths
  }

  /// The plain files that inputs to be followed stand for now: a folder for those in it, hidden ones left out.
  static func sights(_ inputs: [String]) -> [FileSight] {
    var sights: [FileSight] = []
    for input in inputs {
      if let sight = FileSight(input) {
        sights.append(sight)
      } else if let names = folder(input) {
        sights += names.compactMap { FileSight(input + "/" + $0) }
      } else if isPattern(input) {
        sights += matches(input).compactMap { FileSight($0) }
      }
    }
    return sights
  }

  private static func isPattern(_ input: String) -> Bool {
    input.utf8.contains {
      $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[")
    }
  }

  private static func matches(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(pattern, 0, nil, &result) == 0 else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { place in
      result.gl_pathv[place].map { String(cString: $0) }
    }
  }

  /// The names in a folder, sorted, hidden ones left out; missing with `errno` where it cannot be read.
  static func folder(_ path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
