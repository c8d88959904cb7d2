/// One record of an input as it stands in the buffer, without its line ending; valid until the next is asked for.
struct Frame {
  enum Problem { case none, overlong, unterminatedQuote, textAfterQuote }

  var bytes: UnsafeBufferPointer<UInt8>
  /// Of its first byte, from 1.
  var line: Int
  /// Of its first byte in the decompressed input, from 0.
  var offset: Int64
  var problem = Problem.none
  /// CSV only: some field stands in quotes.
  var hasQuotes = false
  /// All its bytes are known to be ASCII and not NUL; where false they may be so all the same.
  var isPlain = false
}
