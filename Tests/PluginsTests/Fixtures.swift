import Detection
import Foundation
import Plugins
import Primitives

/// A folder that is there for one test and gone afterwards.
final class TemporaryFolder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    path = NSTemporaryDirectory() + "moonwatch-plugins-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
  }

  func write(_ name: String, _ text: String) throws { try write(name, bytes: Array(text.utf8)) }

  func write(_ name: String, bytes: [UInt8]) throws {
    let file = "\(path)/\(name)"
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/\(folder)", withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
  }
}

extension Vocabulary {
  static let test = Vocabulary(
    fields: [
      "user": .text, "device": .text, "src_ip": .text, "outcome": .text, "card": .text,
      "amount": .number, "currency": .text, "value": .number, "series": .text,
      "channel": .text, "is_admin": .flag, "terminal": .text,
    ],
    groundTruth: ["is_fraud"],
    kinds: [
      "login", "logoff", "connect", "disconnect", "transaction", "metric", "invalid_user",
      "too_many_attempts",
    ],
    sources: ["cert-logon", "sshd-auth"], features: FeatureSet.standard.features,
    lists: ["vips"],
    owners: ["security_team", "hr_security", "fraud_team", "compliance_team", "sre_team"])
}

extension Vocabulary {
  /// The names that the sources in this repository give.
  static let shipped: Vocabulary = {
    var vocabulary = Vocabulary.test
    for name in [
      "country", "merchant", "account", "operation", "error_code", "mfa", "process", "parent",
      "command", "target", "access", "service", "user_type", "file", "reason",
    ] {
      vocabulary.fields[name] = .text
    }
    for name in ["latitude", "longitude", "merchant_latitude", "merchant_longitude"] {
      vocabulary.fields[name] = .number
    }
    vocabulary.fields["read_only"] = .flag
    vocabulary.kinds.formUnion([
      "registry", "dead_letter",
      "login_failure", "api_call", "process", "process_access", "service_installed", "log_cleared",
    ])
    return vocabulary
  }()
}

/// Loads files from memory, by way of a folder; places in messages are relative to it.
func load(_ files: [String: String], _ vocabulary: Vocabulary = .test) throws -> PluginSet {
  let folder = try TemporaryFolder(files)
  return PluginSet.load(folders: [folder.path], vocabulary: vocabulary)
}

/// The problems of some files, one a line, as a person reads them.
func problems(_ files: [String: String]) throws -> [String] {
  let folder = try TemporaryFolder(files)
  return PluginSet.load(folders: [folder.path], vocabulary: .test).problems.map {
    $0.description.replacing("\(folder.path)/", with: "")
  }
}

func event(
  _ fields: [String: Value] = ["user": .text("ana"), "device": .text("PC-1")],
  kind: String = "login", at seconds: Int64 = 1_772_442_000, id: String = "e1"
) -> EventRecord {
  EventRecord(
    time: Timestamp(seconds: seconds), id: id, source: "cert-logon", kind: kind, fields: fields,
    primaryField: "user")
}
