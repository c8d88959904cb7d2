import Foundation
import Glibc
import Primitives

/// Tells when something in a tree of folders was saved, added, moved or deleted (inotify).
///
/// Editors that write a new file and rename it over the old one are seen as well as those that write in place. Hidden
/// names are not looked at: most are an editor's own. One thread waits.
final class FolderWatcher: @unchecked Sendable {
  // Unchecked: only the thread that waits touches the watches; the descriptors never change.
  private static let events =
    UInt32(IN_CLOSE_WRITE) | UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
    | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
  private static let deepest = 32

  private let roots: [String]
  private let inotify: Int32
  /// What is written into it ends the waiting.
  private let wake: (read: Int32, write: Int32)

  /// - Throws: `Failure(.internal)` where the system has no watch left. A folder that is missing is waited for in vain.
  init(_ roots: [String]) throws(Failure) {
    self.roots = roots
    wake = try Pipe.open()
    inotify = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard inotify >= 0 else {
      throw Failure(
        .internal, "cannot watch the plugin folders: \(systemError(errno))",
        advice: "raise fs.inotify.max_user_instances, or do without --reload")
    }
    watchAll()
  }

  deinit {
    close(inotify)
    close(wake.read)
    close(wake.write)
  }

  /// `waitForChange` returns false from now on.
  func stop() {
    var one: UInt8 = 1
    _ = write(wake.write, &one, 1)
  }

  /// Waits for a change, then until nothing changed for a while (at most ten times as long); false when stopped.
  func waitForChange(quietFor quiet: Double) -> Bool {
    while true {
      guard wait(-1) else { return false }
      if !drain() { continue }
      let latest = Date(timeIntervalSinceNow: quiet * 10)
      while Date() < latest {
        guard wait(Int32(quiet * 1000)) else { return false }
        if !drain() { break }
      }
      watchAll()
      return true
    }
  }

  /// False when stopped.
  private func wait(_ milliseconds: Int32) -> Bool {
    var polled = [
      pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&polled, 2, milliseconds) < 0 && errno == EINTR {}
    return polled[1].revents == 0
  }

  /// Takes what was told; true where it is of interest.
  private func drain() -> Bool {
    var isOfInterest = false
    let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { room.deallocate() }
    while true {
      let count = read(inotify, room, 1 << 16)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return isOfInterest }
      var offset = 0
      let head = MemoryLayout<inotify_event>.size
      while offset + head <= count {
        let event = room.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        let length = Int(event.len)
        // The name of the entry comes after the head, filled up with zeros.
        let isHidden =
          length > 0
          && room.load(fromByteOffset: offset + head, as: UInt8.self) == UInt8(ascii: ".")
        if !isHidden { isOfInterest = true }
        offset += head + length
      }
    }
  }

  /// Watches every folder that is there now; one that is watched already stays so.
  private func watchAll() {
    for root in roots { watch(root, depth: 0) }
  }

  private func watch(_ path: String, depth: Int) {
    guard depth <= FolderWatcher.deepest,
      inotify_add_watch(inotify, path, FolderWatcher.events) >= 0,
      let names = FileManager.default.subfolders(of: path)
    else { return }
    for name in names { watch("\(path)/\(name)", depth: depth + 1) }
  }
}

extension FileManager {
  /// Nothing where the folder cannot be read: the loader tells of that.
  fileprivate func subfolders(of path: String) -> [String]? {
    do {
      return try contentsOfDirectory(atPath: path).filter { name in
        var status = stat()
        return !name.hasPrefix(".") && stat("\(path)/\(name)", &status) == 0
          && status.st_mode & S_IFMT == S_IFDIR
      }
    } catch {
      return nil
    }
  }
}
