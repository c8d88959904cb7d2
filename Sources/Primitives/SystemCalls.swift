import Glibc

/// What the system says of an error number, such as "No such file or directory".
package func systemError(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Seconds of a clock that does not follow changes of the time of day and never goes back.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
