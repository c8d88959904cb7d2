import Foundation
import Primitives

/// Plugins that passed the gate: a copy of their folders in the data directory, which later ones are held against.
struct AcceptedPlugins {
  enum Which: String {
    /// Those that passed last.
    case last = "accepted"
    /// Those of which no later ones caught every scenario as often.
    case best
  }

  private let folder: String

  init(_ settings: Settings, _ which: Which) {
    folder = settings.dataDirectory + "/gate/" + which.rawValue
  }

  /// The copied folders in order; empty where nothing has passed yet.
  func folders() throws(Failure) -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
        "\(folder)/\($0)"
      }
    } catch {
      throw Failure(
        .internal, "cannot read '\(folder)': \(error.localizedDescription)",
        advice: "remove it to start anew, or change its permissions")
    }
  }

  /// Takes a copy of the folders in place of the ones before; whole or not at all.
  func replace(with places: [String]) throws(Failure) {
    let new = folder + ".new"
    let files = FileManager.default
    do {
      if files.fileExists(atPath: new) { try files.removeItem(atPath: new) }
      try Folder.make(new)
      for (number, place) in places.enumerated() where files.fileExists(atPath: place) {
        let source = URL(fileURLWithPath: place).resolvingSymlinksInPath().path
        try files.copyItem(
          atPath: source, toPath: "\(new)/\(number)-\((place as NSString).lastPathComponent)")
      }
      if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
      try files.moveItem(atPath: new, toPath: folder)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .internal,
        "cannot keep the plugins that passed in '\(folder)': \(error.localizedDescription)",
        advice: "make room, or choose another --data-dir")
    }
  }
}
