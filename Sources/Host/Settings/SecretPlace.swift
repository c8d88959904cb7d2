import Foundation
import Glibc
import Primitives

/// Where a secret stands: `env:NAME`, or `file:PATH` with the path seen from the folder of the settings.
enum SecretPlace {
  private static let largest = 16 << 10

  /// What stands there, without the line's end. No failure says what it is.
  static func read(
    _ place: String, _ settings: Settings,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Failure) -> String {
    let secret =
      place.hasPrefix("env:")
      ? try variable(String(place.dropFirst(4)), environment)
      : try contents(settings.resolve(String(place.dropFirst(5))))
    let usable = secret.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control || $0 == "\t"
    }
    if !usable {
      throw Failure(
        .usage, "the secret in \(place) has several lines or control characters",
        advice: "write it on one line")
    }
    return secret
  }

  private static func variable(
    _ name: String, _ environment: [String: String]
  ) throws(Failure) -> String {
    guard let value = environment[name], !value.isEmpty else {
      throw Failure(
        .usage, "the variable \(name) that holds a secret is not set",
        advice: "set it for this process, or write file:PATH")
    }
    return value
  }

  private static func contents(_ path: String) throws(Failure) -> String {
    func failure(_ why: String, _ advice: String) -> Failure {
      Failure(.usage, "cannot read the secret in '\(path)': \(why)", advice: advice)
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw failure(systemError(errno), "make the file, or write env:NAME")
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw failure("it is not a file", "write one") }
    if status.st_mode & 0o007 != 0 {
      throw failure("everybody on this machine can read or write it", "chmod 600 \(path)")
    }
    guard status.st_size <= largest, let bytes = FileManager.default.contents(atPath: path),
      bytes.count <= largest, let text = String(validating: bytes, as: UTF8.self)
    else { throw failure("it is not a text of at most 16 KB", "put only the secret into it") }
    let secret = text.trimmingCharacters(in: .newlines)
    if secret.isEmpty { throw failure("it is empty", "put the secret into it") }
    return secret
  }
}
