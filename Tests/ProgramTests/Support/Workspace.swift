import Foundation
import Testing

/// A folder of its own for one test, removed with the value, in which `moonwatch` runs like in a checkout.
final class Workspace: Sendable {
  let folder: URL

  /// With `config`, `plugins` and `scenarios` of the checkout as links, or empty.
  init(linked: Bool = true) throws {
    folder = try Workspace.makeFolder()
    guard linked else { return }
    for name in ["config", "plugins", "scenarios"] {
      let original = Program.repository.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: original.path) else { continue }
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent(name), withDestinationURL: original)
    }
  }

  deinit { Workspace.remove(folder) }

  func path(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// Writes a file, making the folders above it; bytes rather than text where they are no UTF-8.
  func write(_ name: String, _ text: String) throws { try write(name, bytes: Array(text.utf8)) }

  func write(_ name: String, bytes: [UInt8]) throws {
    let file = path(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: path(name)), as: UTF8.self)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name).path) }

  /// Runs `moonwatch` here.
  func run(
    _ arguments: String..., input: String = "", environment: [String: String] = [:],
    timeout: Duration = .seconds(120)
  ) async throws -> Outcome {
    try await Program.run(
      arguments, input: input, environment: environment, in: folder, timeout: timeout)
  }

  /// Runs a script with bash here; `moonwatch` is on its PATH and the first failing command ends it.
  func bash(
    _ script: String, environment: [String: String] = [:], timeout: Duration = .seconds(600)
  ) async throws -> Outcome {
    let here = Program.moonwatch.deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try await Program.run(
      ["-e", "-u", "-o", "pipefail", "-c", script], program: URL(fileURLWithPath: "/bin/bash"),
      environment: environment.merging(["PATH": "\(here):\(path)"]) { given, _ in given },
      in: folder, timeout: timeout)
  }

  static func makeFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("moonwatch-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  static func remove(_ folder: URL) {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      Issue.record("the test's folder could not be removed: \(error)")
    }
  }
}
