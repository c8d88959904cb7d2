import CZstd
package import Primitives

/// Packs bytes that are kept, each piece by itself, with a sum that tells damage.
package final class ZstdPacker {
  /// Level 1: the next ones take twice the time for a tenth fewer bytes.
  private static let level: Int32 = 1
  private let context: OpaquePointer

  package init() throws(Failure) {
    guard let context = ZSTD_createCCtx() else {
      throw Failure(.internal, "zstd could not start", advice: "free some memory")
    }
    self.context = context
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZstdPacker.level)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  }

  deinit { ZSTD_freeCCtx(context) }

  package func pack(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    let most = ZSTD_compressBound(bytes.count)
    var status = 0
    let packed = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      status = ZSTD_compress2(context, buffer.baseAddress, most, bytes, bytes.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    if ZSTD_isError(status) != 0 {
      throw Failure(
        .internal, "zstd could not pack \(bytes.count) bytes", advice: "free some memory")
    }
    return packed
  }

  /// What was packed; missing where the bytes are damaged or hold more than `limit`.
  package static func unpack(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    let announced = ZSTD_getFrameContentSize(bytes, bytes.count)
    guard let size = Int(exactly: announced), size <= limit else { return nil }
    var status = 0
    let unpacked = [UInt8](unsafeUninitializedCapacity: max(1, size)) { buffer, count in
      status = ZSTD_decompress(buffer.baseAddress, size, bytes, bytes.count)
      count = ZSTD_isError(status) == 0 ? status : 0
    }
    return ZSTD_isError(status) == 0 && unpacked.count == size ? unpacked : nil
  }
}
