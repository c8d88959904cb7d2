import Glibc

/// Which file this is, whatever it is called now: device and inode.
struct FileIdentity: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// One word for it.
  var name: String { "\(device)-\(inode)" }

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// A file as a folder shows it at one moment.
struct FileSight {
  var path: String
  var identity: FileIdentity
  var size: Int64
  /// Nanoseconds since the epoch.
  var modified: Int64

  /// Missing where there is no plain file of this path.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.path = path
    identity = FileIdentity(status)
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
  }
}
