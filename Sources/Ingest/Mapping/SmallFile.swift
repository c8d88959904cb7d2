import Primitives

/// A small file as text; the last resort for an invalid byte is a failure, not a repair.
func readText(_ path: String) throws(Failure) -> String {
  let source = try ByteSource(path: path)
  var bytes: [UInt8] = []
  let space = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
  defer { space.deallocate() }
  while true {
    let count = try source.read(into: space)
    if count == 0 { break }
    bytes.append(contentsOf: space[..<count])
    if bytes.count > 1 << 30 {
      throw Failure(.input, "'\(path)' is above 1 GiB", advice: "check that it is the right file")
    }
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw Failure(.input, "'\(path)' is not UTF-8 text", advice: "check its encoding")
  }
  return text
}
