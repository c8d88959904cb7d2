import GRDB
import Primitives

/// What SQLite refuses, in words that say what to do.
struct StoreFailures {
  var path: String

  var newer: Failure {
    Failure(
      .internal, "\(path) was written by a newer Moonwatch",
      advice: "upgrade, or choose another --data-dir")
  }

  var older: Failure {
    Failure(
      .internal, "\(path) was written by an older Moonwatch",
      advice: "run a command that writes, such as detect, to bring it up to date")
  }

  var foreign: Failure {
    Failure(
      .input, "\(path) is a database of another program", advice: "choose another --data-dir")
  }

  var absent: Failure {
    Failure(
      .usage, "\(path) does not exist",
      advice: "run 'moonwatch detect' or 'moonwatch demo' first, or choose another --data-dir")
  }

  var damaged: Failure {
    Failure(
      .input, "\(path) is damaged or not a database",
      advice: "put a copy back, or move it away to start anew")
  }

  /// Runs the body; what it throws comes out as a failure.
  func translating<Result>(_ body: () throws -> Result) throws(Failure) -> Result {
    do {
      return try body()
    } catch let failure as Failure {
      throw failure
    } catch let error as DatabaseError {
      throw translated(error)
    } catch {
      throw Failure(.internal, "\(path): \(error)")
    }
  }

  private func translated(_ error: DatabaseError) -> Failure {
    switch error.resultCode {
    case .SQLITE_FULL:
      Failure(
        .internal, "the disk that holds \(path) is full",
        advice: "free some space; nothing of the last write was kept")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      Failure(
        .internal, "\(path) is locked by another program",
        advice: "end what has it open, then try again")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: damaged
    case .SQLITE_READONLY, .SQLITE_PERM:
      Failure(
        .internal, "\(path) cannot be written",
        advice: "make it and its folder writable, or choose another --data-dir")
    case .SQLITE_CANTOPEN, .SQLITE_AUTH:
      Failure(
        .internal, "\(path) cannot be opened",
        advice: "make it and its folder readable, or choose another --data-dir")
    case .SQLITE_IOERR:
      Failure(.internal, "\(path) could not be read or written", advice: "check the disk")
    default:
      Failure(.internal, "\(path): \(error.message ?? error.resultCode.description)")
    }
  }
}
