import CZstd
import Primitives

/// Decompresses zstd data of one or many frames, with windows up to 128 MiB (`--long=27`).
final class ZstdDecoder: Decompressor {
  private static let windowLogLimit: Int32 = 27
  private let context: OpaquePointer
  private var insideFrame = false

  init() throws(Failure) {
    guard let context = ZSTD_createDCtx() else {
      throw Failure(.internal, "zstd could not start", advice: "free some memory")
    }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZstdDecoder.windowLogLimit)
  }

  deinit { ZSTD_freeDCtx(context) }

  func step(
    input: UnsafeBufferPointer<UInt8>, inputEnded: Bool, output: UnsafeMutableBufferPointer<UInt8>,
    path: String
  ) throws(Failure) -> DecodingStep {
    if input.isEmpty && inputEnded && !insideFrame {
      return DecodingStep(consumed: 0, produced: 0, ended: true)
    }
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let status = ZSTD_decompressStream(context, &target, &source)
    if ZSTD_isError(status) != 0 { throw ZstdDecoder.damage(path, status) }
    insideFrame = status != 0
    if insideFrame && input.isEmpty && inputEnded && target.pos == 0 {
      throw Failure(
        .input, "\(ByteSource.shown(path)) is truncated: its zstd data end too early",
        advice: "copy it again")
    }
    return DecodingStep(consumed: source.pos, produced: target.pos, ended: false)
  }

  private static func damage(_ path: String, _ status: Int) -> Failure {
    if ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge {
      return Failure(
        .input, "\(ByteSource.shown(path)) needs a zstd window above 128 MiB",
        advice: "compress it with --long=27 or less")
    }
    return Failure(
      .input, "\(ByteSource.shown(path)) is damaged: its zstd data are not valid",
      advice: "copy it again")
  }
}
