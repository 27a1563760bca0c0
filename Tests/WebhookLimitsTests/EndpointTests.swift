import TestSupport
import Testing
import WebhookEvents
import WebhookLimits

/// The same tables as `tfhook check-url --jsonl` and `tfhook check-ip --jsonl`; their source is `make_endpoints.py`.
@Suite("EndpointURL")
struct EndpointURLTests {
    @Test("A URL is split into its parts")
    func parts() throws {
        let url = try EndpointURL("HTTPS://Hooks.Example.COM./a/b?c=d&e=@", policy: .production)
        #expect(url.isSecure)
        #expect(url.host == "hooks.example.com")
        #expect(url.port == 443)
        #expect(url.target == "/a/b?c=d&e=@")
        #expect(url.address == nil)
        #expect(url.description == "https://hooks.example.com/a/b?c=d&e=@")
        #expect(try EndpointURL("https://example.com", policy: .production).target == "/")
        #expect(try EndpointURL("https://example.com?x", policy: .production).target == "/?x")
        #expect(try EndpointURL("https://8.8.8.8/", policy: .production).address == IPAddress(v4: 0x0808_0808))
        let v6 = try EndpointURL("https://[2606:4700:0:0::1111]:8443/", policy: .development)
        #expect(v6.host == "2606:4700::1111")
        #expect(v6.authority == "[2606:4700::1111]:8443")
    }

    @Test(
        "The production policy decides on every URL as the table does",
        arguments: try Fixture.lines("endpoint-urls.jsonl"))
    func table(line: JSONValue) throws {
        let text = try #require(line["url"]?.string)
        do {
            _ = try EndpointURL(registering: text, policy: .production)
            #expect(line["expect"]?.string == "allow", "\(text)")
        } catch {
            #expect(line["expect"]?.string == "deny", "\(text): \(error)")
            #expect(line["code"]?.string == error.code.rawValue, "\(text): \(error)")
            #expect(!error.message.isEmpty && !error.hint.isEmpty)
        }
    }

    @Test("A label that is invalid in IDNA 2008 is accepted for an existing webhook, and rejected for a new one")
    func emoji() throws {
        let url = "https://xn--ls8h.example.com/"
        #expect(try EndpointURL(url, policy: .production).host == "xn--ls8h.example.com")
        let error = try #require(throws: EndpointError.self) { try EndpointURL(registering: url, policy: .production) }
        #expect(error.code == .host && error.message.contains("IDNA 2008"))
        var policy = EndpointPolicy.production
        policy.allowedHosts = ["xn--ls8h.example.com"]
        #expect(throws: Never.self) { try EndpointURL(registering: url, policy: policy) }
    }

    // RFC 3986, appendix A: no URI may contain these; Tomcat, Jetty and nginx answer with 400.
    @Test(
        "A new URL must be percent-encoded; an existing one is still accepted",
        arguments: [
            "/hook?filter={a}", "/hook?a|b", "/100%", "/%zz", "/%4", "/a\"b", "/<x>", "/a^b", "/a`b", "/a%2",
        ])
    func encoding(target: String) throws {
        let text = "https://hooks.example.com\(target)"
        #expect(try EndpointURL(text, policy: .production).target == target)
        let error = try #require(throws: EndpointError.self) {
            try EndpointURL(registering: text, policy: .production)
        }
        #expect(error.code == .forbiddenCharacter && error.hint.hasPrefix("Percent-encode it: %"))
        #expect(error.message.contains("at position"), "\(error.message)")
        for good in ["/a%2Fb", "/%7Ba%7D?x=(1)&y=[z]!$'*+,;:@~", "/a?b=c%25"] {
            #expect(
                try EndpointURL(registering: "https://hooks.example.com\(good)", policy: .production).target == good)
        }
    }

    @Test("The description of an accepted URL is accepted and has the same parts")
    func stable() throws {
        for line in try Fixture.lines("endpoint-urls.jsonl") where line["expect"]?.string == "allow" {
            let url = try EndpointURL(#require(line["url"]?.string), policy: .production)
            #expect(try EndpointURL(url.description, policy: .production) == url)
        }
    }
}

@Suite("EndpointPolicy")
struct EndpointPolicyTests {
    @Test(
        "The production policy decides on every address as the table does",
        arguments: try Fixture.lines("endpoint-addresses.jsonl"))
    func table(line: JSONValue) throws {
        let text = try #require(line["ip"]?.string)
        let isExpected = line["expect"]?.string == "allow"
        guard let address = IPAddress(text) else {
            #expect(line["code"]?.string == "invalid_address", "\(text)")
            return
        }
        #expect(line["code"] == nil, "\(text)")
        #expect(Self.allows(.production, address) == isExpected, "\(text)")
    }

    static func allows(_ policy: EndpointPolicy, _ address: IPAddress, of host: String? = nil) -> Bool {
        (try? policy.check(address, of: host)) != nil
    }

    static func allows(_ policy: EndpointPolicy, _ address: String, of host: String? = nil) throws -> Bool {
        allows(policy, try #require(IPAddress(address)), of: host)
    }

    @Test("The development policy additionally allows only http, this machine and all ports")
    func development() throws {
        for text in [
            "http://localhost:3000/x", "http://127.0.0.1:8080/", "http://[::1]:8080/", "https://example.com:8443/",
        ] {
            _ = try EndpointURL(text, policy: .development)
        }
        for text in [
            "http://10.0.0.1/", "http://192.168.1.1/", "http://169.254.169.254/", "http://nas.local/",
            "http://2130706433/", "http://a.localhost/", "http://example.com:65536/", "http://example.com:0/",
        ] {
            #expect(throws: EndpointError.self) { try EndpointURL(text, policy: .development) }
        }
        #expect(try Self.allows(.development, "127.0.0.1", of: "anything.example.com"))
        #expect(try !Self.allows(.development, "10.0.0.1", of: "localhost.example.com"))
    }

    @Test("A block allows its addresses; a metadata service is allowed only by its exact address")
    func blocks() throws {
        var policy = EndpointPolicy.production
        policy.allowedBlocks = ["10.1.0.0/16", "fd00::/8", "169.254.0.0/16"]
        for text in ["10.1.0.0", "10.1.255.255", "fd12::1", "169.254.1.1"] { #expect(try Self.allows(policy, text)) }
        for text in ["10.0.255.255", "10.2.0.0", "169.254.169.254", "fd00:ec2::254", "127.0.0.1", "fc00::1"] {
            #expect(try !Self.allows(policy, text), "\(text)")
        }
        policy.allowedBlocks = ["0.0.0.0/0"]
        #expect(try Self.allows(policy, "127.0.0.1"))
        #expect(try !Self.allows(policy, "169.254.169.254"))
        policy.allowedBlocks = ["169.254.169.254"]
        #expect(try Self.allows(policy, "169.254.169.254"))
        #expect(try EndpointURL("https://169.254.169.254/", policy: policy).address != nil)
    }

    @Test("An allowed host, but no subdomain of it, may be local and private, never link-local or metadata")
    func hosts() throws {
        var policy = EndpointPolicy.production
        policy.allowedHosts = ["Billing.Internal", "hooks"]
        #expect(try EndpointURL("https://BILLING.internal./x", policy: policy).host == "billing.internal")
        #expect(try EndpointURL("https://hooks/", policy: policy).host == "hooks")
        for text in [
            "https://x.billing.internal/", "https://internal/", "https://other.internal/", "https://10.0.0.1/",
        ] {
            #expect(throws: EndpointError.self) { try EndpointURL(text, policy: policy) }
        }
        for text in ["10.0.0.1", "100.64.0.1", "127.0.0.1", "fd00::1", "192.168.0.1"] {
            #expect(try Self.allows(policy, text, of: "billing.internal"), "\(text)")
            #expect(try !Self.allows(policy, text, of: "example.com"), "\(text)")
            #expect(try !Self.allows(policy, text), "\(text)")
        }
        for text in ["169.254.169.254", "100.100.100.200", "fe80::1", "fd00:ec2::254", "224.0.0.1", "::ffff:10.0.0.1"] {
            #expect(try !Self.allows(policy, text, of: "billing.internal"), "\(text)")
        }
    }

    @Test(
        "A listed name matches with underscores, in any case, and with a trailing dot",
        arguments: ["my_service", "MY_service.", "intranet.example.com.", "Upper.Local"])
    func listed(name: String) throws {
        var policy = EndpointPolicy.development
        policy.allowedHosts = [name]
        let host = try EndpointURL("http://\(name):8080/", policy: policy).host
        #expect(try Self.allows(policy, "10.0.0.1", of: host))
        #expect(throws: EndpointError.self) { try EndpointURL("http://other_service:8080/", policy: policy) }
    }

    @Test("Local names are compared without regard to case and trailing dot")
    func localNames() throws {
        var policy = EndpointPolicy.production
        policy.localNames = .standard.adding("Cluster.Example.")
        #expect(throws: EndpointError.self) { try EndpointURL("https://a.cluster.example/", policy: policy) }
    }

    @Test("The error for a local name or address says how an operator can allow it")
    func ways() throws {
        for url in ["http://host.docker.internal:3000/", "http://webhook-receiver:8080/", "http://172.17.0.1:3000/"] {
            let error = try #require(throws: EndpointError.self) { try EndpointURL(url, policy: .development) }
            #expect(error.hint.contains("`allowedHosts`"), "\(url): \(error.hint)")
        }
    }

    @Test("Ports and local names can be configured")
    func choices() throws {
        var policy = EndpointPolicy.production
        policy.allowedPorts = [443, 8443]
        policy.localNames = .standard.adding("cluster.example")
        #expect(try EndpointURL("https://example.com:8443/", policy: policy).port == 8443)
        for text in [
            "https://example.com:444/", "https://a.cluster.example/", "https://cluster.example/", "https://a.lan/",
        ] {
            #expect(throws: EndpointError.self) { try EndpointURL(text, policy: policy) }
        }
        #expect(try EndpointURL("https://acluster.example/", policy: policy).host == "acluster.example")
        policy.localNames = EndpointPolicy.LocalNames(endings: [])
        #expect(try EndpointURL("https://a.lan/", policy: policy).host == "a.lan")
        #expect(throws: EndpointError.self) { try EndpointURL("https://lan/", policy: policy) }
    }

    // The examples of RFC 6052, section 2.4, all of 192.0.2.33.
    @Test(
        "Under a NAT64 prefix, the embedded IPv4 address is validated",
        arguments: [
            ("2001:db8::/32", "2001:db8:c000:221::"), ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"), ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"), ("64:ff9b::/96", "64:ff9b::192.0.2.33"),
        ])
    func nat64(prefix: String, address: String) throws {
        var policy = EndpointPolicy.production
        policy.nat64Prefixes = [try #require(EndpointPolicy.NAT64Prefix(prefix))]
        let error = try #require(throws: EndpointError.self) { try policy.check(#require(IPAddress(address))) }
        #expect(error.message.contains("documentation"))
        // If the embedded address is allowed, so is the translated one.
        policy.allowedBlocks = ["192.0.2.33"]
        #expect(try Self.allows(policy, address))
    }

    @Test(
        "A malformed NAT64 address is rejected, and every reading under overlapping prefixes is validated"
    )
    func malformedNAT64() throws {
        var policy = EndpointPolicy.production
        let wide = try #require(EndpointPolicy.NAT64Prefix("2600:1234::/32"))
        let narrow = try #require(EndpointPolicy.NAT64Prefix("2600:1234:808:808::/96"))
        policy.nat64Prefixes = [wide]
        #expect(try Self.allows(policy, "2600:1234:808:808::"))
        // Bits 64 to 71 are not zero; some translators ignore them and send to 169.254.169.254.
        #expect(try !Self.allows(policy, "2600:1234:a9fe:a9fe:ff00::"))
        #expect(try !Self.allows(policy, "2600:1234:808:808:ff00::"))
        for prefixes in [[wide, narrow], [narrow, wide]] {
            policy.nat64Prefixes = prefixes
            #expect(try !Self.allows(policy, "2600:1234:808:808::a9fe:a9fe"))
            #expect(try Self.allows(policy, "2600:1234:808:808::808:808"))
        }
    }

    @Test("A wide block allows neither metadata services nor addresses that embed an IPv4 address")
    func embedding() throws {
        var policy = EndpointPolicy.production
        policy.allowedBlocks = ["::/0", "fc00::/7", "64:ff9b::/96", "::ffff:0:0/96"]
        policy.allowedHosts = ["hooks.corp"]
        for text in [
            "64:ff9b::a9fe:a9fe", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::", "2001::1", "fd00:ec2::23",
            "fd00:ec2::254", "fd00:c1::a9fe:a9fe", "fd00:42::42",
        ] {
            #expect(try !Self.allows(policy, text, of: "hooks.corp"), "\(text)")
        }
        #expect(try Self.allows(policy, "fd00::1"))
        #expect(try Self.allows(policy, "::1"))
    }

    @Test("NAT64 allows only public addresses, and only if configured")
    func wellKnownNAT64() throws {
        var policy = EndpointPolicy.production
        #expect(try !Self.allows(policy, "64:ff9b::8.8.8.8"))
        policy.nat64Prefixes = [.wellKnown]
        #expect(try Self.allows(policy, "64:ff9b::8.8.8.8"))
        for text in ["64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8"] {
            #expect(try !Self.allows(policy, text), "\(text)")
        }
        for text in ["64:ff9b::/95", "10.0.0.0/8", "64:ff9b::", "64:ff9b::1/96", "x"] {
            #expect(EndpointPolicy.NAT64Prefix(text) == nil)
        }
    }
}

@Suite("IPAddress")
struct IPAddressTests {
    @Test(
        "IPv6 text is parsed",
        arguments: [
            ("::", 0), ("::1", 1), ("1::", 1 << 112), ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008),
            ("::ffff:1.2.3.4", 0xFFFF_0102_0304), ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304),
            ("ABCD::ef", 0xABCD << 112 | 0xEF),
        ] as [(String, UInt128)])
    func v6(text: String, value: UInt128) {
        #expect(IPAddress(text) == IPAddress(v6: value))
    }

    // Source: RFC 5952, section 4.
    @Test(
        "Text is written in canonical form",
        arguments: [
            ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::ABCD", "2001:db8::abcd"), ("::", "::"),
            ("0:0:0:0:0:0:0:1", "::1"), ("1:0:0:0:0:0:0:0", "1::"), ("1.2.3.4", "1.2.3.4"),
            ("255.0.0.255", "255.0.0.255"),
        ])
    func written(text: String, expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(address.description) == address)
    }

    @Test("Blocks include their edges, and ambiguous blocks are rejected")
    func blocks() throws {
        let block: EndpointPolicy.AddressBlock = "10.0.0.0/8"
        #expect(block.contains(IPAddress(v4: 0x0AFF_FFFF)))
        #expect(!block.contains(IPAddress(v4: 0x0B00_0000)))
        #expect(!block.contains(IPAddress(v6: 0x0A00_0000)))
        #expect(EndpointPolicy.AddressBlock("::/0").contains(IPAddress(v6: .max)))
        #expect(EndpointPolicy.AddressBlock("1.2.3.4").isSingleAddress)
        for text in [
            "", "/", "10.0.0.0/33", "::/129", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "x/8", "10/8",
            "10.0.0.0/+8", "10.0.0.0/99999999999999999999",
        ] {
            #expect(EndpointPolicy.AddressBlock(text) == nil, "\(text)")
        }
    }
}
