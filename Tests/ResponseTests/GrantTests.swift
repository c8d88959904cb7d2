import Detection
import Primitives
import Response
import Testing

private func post(_ url: String) -> Act { Act(.httpPost, [.init("url", .text(url))]) }

private func hosts(_ patterns: String...) -> Grant {
  Grant(uses: ["http"], hosts: patterns.compactMap(HostPattern.init))
}

@Suite("Grants")
struct GrantTests {
  @Test(
    "An address is read as every reader understands it",
    arguments: [
      ("https://a.example", "a.example", 443, "/"),
      ("http://A.Example:8080/x/y?q=1#part", "a.example", 8080, "/x/y?q=1"),
      ("https://a.example?q", "a.example", 443, "/?q"),
      ("http://[::1]:81/", "::1", 81, "/"),
      ("https://10.0.0.1/a@b", "10.0.0.1", 443, "/a@b"),
    ])
  func addresses(_ text: String, _ host: String, _ port: Int, _ path: String) throws {
    let address = try #require(WebAddress(text))
    #expect(address.host == host && address.port == port && address.path == path)
  }

  @Test(
    "What readers understand in different ways is no address",
    arguments: [
      "", "ftp://a.example", "https://", "https:///x", "https://a.example@evil.example/",
      "https://a.example:pass@evil.example", "https://a.example\\@evil.example", "https://a b",
      "https://a.example:0", "https://a.example:65536", "https://a.example:80x",
      "https://a.example:", "https://a..example", "https://.example", "https://ä.example",
      "https://a.example\r\nHost: evil", "https://a.example/\u{0}", "https://[::1", "https://[]/",
      "https://a%2eexample", "HTTPS://a.example",
    ])
  func noAddresses(_ text: String) { #expect(WebAddress(text) == nil) }

  @Test("A pattern means one host, or those below it, at the usual port or its own")
  func patterns() throws {
    func matches(_ pattern: String, _ address: String) throws -> Bool {
      try #require(HostPattern(pattern)).matches(try #require(WebAddress(address)))
    }
    #expect(try matches("a.example", "https://A.example/x"))
    #expect(try !matches("a.example", "http://a.example"))
    #expect(try matches("a.example:80", "http://a.example"))
    #expect(try !matches("a.example", "https://a.example:8443"))
    #expect(try matches("a.example:8443", "https://a.example:8443"))
    #expect(try !matches("a.example", "https://b.a.example"))
    #expect(try !matches("a.example", "https://nota.example"))
    #expect(try matches("*.example.org", "https://x.y.example.org"))
    #expect(try !matches("*.example.org", "https://example.org"))
    #expect(try !matches("*.example.org", "https://notexample.org"))
    for wrong in ["", "*", "*.", "https://a.example", "a.example/x", "a.*.example", "a example"] {
      #expect(HostPattern(wrong) == nil, "\(wrong)")
    }
  }

  @Test("What is not granted is refused with what to do")
  func refused() {
    let lock = Act(.directoryLock, [.init("user", .text("ana"))])
    #expect(
      hosts().refusal(of: lock, by: "contain")?.description
        == "act.directory.lock is refused: 'directory' is not granted to contain "
        + "(add it to 'uses' under grants: contain: in the settings)")
    #expect(Grant(uses: ["directory"]).refusal(of: lock, by: "contain") == nil)
    let grant = hosts("pager.example")
    #expect(grant.refusal(of: post("https://pager.example/v2"), by: "page") == nil)
    #expect(
      grant.refusal(of: post("https://evil.example:81/?x"), by: "page")?.description
        == "act.http.post is refused: 'evil.example:81' is not among the hosts of page "
        + "(add it to 'hosts' under grants: page: in the settings)")
    #expect(
      grant.refusal(of: post("https://pager.example@evil.example"), by: "page")?.description
        == "act.http.post is refused: its url is no address "
        + "(begin it with https:// and leave out names and passwords)")
  }

  @Test("A secret in an address decides where it goes and is not told")
  func secretAddress() {
    var grant = hosts("pager.example")
    grant.secrets = ["hook": "https://evil.example/T0K3N", "path": "T0K3N"]
    let whole = grant.refusal(of: post(SecretToken.token("hook")), by: "page")
    #expect(
      whole?.message
        == "act.http.post is refused: '‹secret›' is not among the hosts of page")
    let part = post("https://pager.example/\(SecretToken.token("path"))")
    #expect(grant.refusal(of: part, by: "page") == nil)
    #expect(!part.description.contains("T0K3N"))
  }

  @Test(
    "A granted host that is this machine or a private network by its text needs a grant of its own",
    arguments: ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "2130706433"])
  func privateHosts(_ host: String) {
    var grant = hosts(host)
    #expect(
      grant.refusal(of: post("https://\(host)/x"), by: "page")?.description
        == "act.http.post is refused: '\(host.trimmingPrefix("[").replacing("]", with: ""))' is no host "
        + "of the public Internet (write 'private: true' under grants: page: in the settings)")
    grant.allowsPrivate = true
    #expect(grant.refusal(of: post("https://\(host)/x"), by: "page") == nil)
  }

  @Test(
    "Every way to write an address of a private network is known",
    arguments: [
      "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.1", "169.254.169.254", "172.31.0.1", "192.168.1.1",
      "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255", "::", "::1",
      "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fe80::1", "fc00::1", "ff02::1",
      "2001::1", "2001:db8::1", "0x7f.1",
    ])
  func privateAddresses(_ text: String) throws {
    #expect(try #require(NetworkAddress(text: text)).isPrivate)
  }

  @Test(
    "A public address is none of them, and a name is no address",
    arguments: ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"])
  func publicAddresses(_ text: String) throws {
    #expect(try !(#require(NetworkAddress(text: text)).isPrivate))
    #expect(NetworkAddress(text: "a.example") == nil && NetworkAddress([1, 2, 3]) == nil)
  }
}
