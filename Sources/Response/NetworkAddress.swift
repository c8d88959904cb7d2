import Glibc

/// An address of the Internet's protocol, 4 bytes or 16, as it is connected to.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// - Parameter bytes: in network order; missing where they are neither 4 nor 16.
  package init?(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    guard self.bytes.count == 4 || self.bytes.count == 16 else { return nil }
  }

  /// An address as it is written; missing for a name.
  package init?(text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes)
      return
    }
    // As resolvers read it: `127.1` and `0x7f000001` are this machine too.
    var four = in_addr()
    guard inet_aton(text, &four) != 0 else { return nil }
    self.init(withUnsafeBytes(of: four) { Array($0) })
  }

  /// Whether it is anything else than one host of the public Internet: this machine, a private network, a cloud's own
  /// services (169.254.169.254), many hosts at once, or nobody.
  ///
  /// From IANA's registries of special-purpose addresses (RFC 6890). An IPv6 address that stands for an IPv4 one is what
  /// that one is.
  package var isPrivate: Bool {
    if bytes.count == 4 { return NetworkAddress.isPrivate4(bytes) }
    if let inner = embedded { return NetworkAddress.isPrivate4(inner) }
    // All that is given out to hosts so far lies in 2000::/3.
    guard bytes[0] & 0xE0 == 0x20 else { return true }
    let isDocumentation = bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8])
    // 2001::/23 holds Teredo, benchmarks and other protocols' own.
    let isProtocol = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] & 0xFE == 0
    return isDocumentation || isProtocol
  }

  /// The IPv4 address in ::ffff:0:0/96, ::/96, 64:ff9b::/96 and 2002::/16; missing in others, loopback (::1) among them.
  private var embedded: [UInt8]? {
    if bytes.starts(with: [0x20, 0x02]) { return Array(bytes[2..<6]) }
    if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
      return Array(bytes[12...])
    }
    let isZero = bytes[..<10].allSatisfy { $0 == 0 }
    return isZero && bytes[10] == 0xFF && bytes[11] == 0xFF ? Array(bytes[12...]) : nil
  }

  private static func isPrivate4(_ b: [UInt8]) -> Bool {
    switch (b[0], b[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (192, 168), (198, 18...19): true
    case (100, 64...127), (172, 16...31): true
    // Protocols, documentation, the old relays.
    case (192, 0): b[2] == 0 || b[2] == 2
    case (192, 88): b[2] == 99
    case (198, 51): b[2] == 100
    case (203, 0): b[2] == 113
    case (224..., _): true
    default: false
    }
  }

  /// `10.0.0.1`, or eight groups of hexadecimal digits.
  package var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2).map {
      String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16)
    }.joined(separator: ":")
  }
}
