import CZlib
import Primitives

/// Decompresses gzip data, also of several members one after another (RFC 1952).
final class GzipDecoder: Decompressor {
  private let stream: UnsafeMutablePointer<z_stream>
  private var insideMember = true

  init() throws(Failure) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for a gzip header.
    let status = inflateInit2_(
      stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if status != Z_OK {
      stream.deallocate()
      throw Failure(.internal, "zlib could not start", advice: "free some memory")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func step(
    input: UnsafeBufferPointer<UInt8>, inputEnded: Bool, output: UnsafeMutableBufferPointer<UInt8>,
    path: String
  ) throws(Failure) -> DecodingStep {
    if !insideMember {
      if input.isEmpty && inputEnded { return DecodingStep(consumed: 0, produced: 0, ended: true) }
      // Tapes and some tools pad with zeros after the last member.
      if let first = input.first, first == 0 {
        let zeros = input.prefix { $0 == 0 }.count
        return DecodingStep(consumed: zeros, produced: 0, ended: false)
      }
      inflateReset(stream)
      insideMember = true
    }
    if input.isEmpty && inputEnded {
      throw Failure(
        .input, "\(ByteSource.shown(path)) is truncated: its gzip data end too early",
        advice: "copy it again")
    }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.pointee.avail_in = UInt32(clamping: input.count)
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = UInt32(clamping: output.count)
    let offered = (stream.pointee.avail_in, stream.pointee.avail_out)
    let status = inflate(stream, Z_NO_FLUSH)
    if status == Z_STREAM_END {
      insideMember = false
    } else if status != Z_OK && status != Z_BUF_ERROR {
      throw Failure(
        .input, "\(ByteSource.shown(path)) is damaged: its gzip data are not valid",
        advice: "copy it again")
    }
    return DecodingStep(
      consumed: Int(offered.0 - stream.pointee.avail_in),
      produced: Int(offered.1 - stream.pointee.avail_out), ended: false)
  }
}
