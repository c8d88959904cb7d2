import Foundation

/// A folder for the files of one measurement, in the system's place for temporary files.
enum ScratchFolder {
  static func remove(_ folder: String) {
    do {
      try FileManager.default.removeItem(atPath: folder)
    } catch {
      // What is left in the system's folder of temporary files goes with the next start of the machine.
    }
  }
}
