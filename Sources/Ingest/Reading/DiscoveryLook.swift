import Primitives

/// Looks at the first records of inputs, as many as it takes.
struct DiscoveryLook {
  private let mapping: SourceMapping
  private let records: Int
  private var native: Discovery
  private var canonical: Discovery

  init(mapping: SourceMapping, records: Int) {
    self.mapping = mapping
    self.records = records
    native = Discovery(mapping: mapping, isCanonical: false)
    canonical = Discovery(mapping: mapping, isCanonical: true)
  }

  var fields: Discovery.Fields {
    Discovery.Fields(native: native.settled(), canonical: canonical.settled())
  }

  /// Looks at the records of an input that were not read yet; false where no further input needs to be looked at.
  mutating func goesOn(after input: OpenInput) throws(Failure) -> Bool {
    if !mapping.discovers && !input.isCanonical { return false }
    let wanted = records - native.lines - canonical.lines
    try input.records.lookAhead(lines: wanted, bytes: 16 << 20)
    for line in input.records.unread.split(separator: 0x0A).prefix(wanted) {
      let bytes = UnsafeBufferPointer(rebasing: line)
      if input.isCanonical { canonical.look(at: bytes) } else { native.look(at: bytes) }
    }
    return native.lines + canonical.lines < records
  }
}
