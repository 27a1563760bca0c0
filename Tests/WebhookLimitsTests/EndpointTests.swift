import Testing
import WebhookLimits

@Suite("EndpointURL")
struct EndpointURLTests {
    @Test("A URL is taken apart")
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
        #expect(try EndpointURL("https://[2606:4700::1111]/", policy: .production).authority == "[2606:4700::1111]")
    }

    // Source: the URL forms on which parsers disagree, and the spellings of inet_aton.
    @Test(
        "The production policy refuses",
        arguments: [
            ("", EndpointError.Code.scheme), ("http://example.com/", .scheme), ("ftp://example.com/", .scheme),
            ("https:/example.com", .scheme), ("https:example.com", .scheme), ("//example.com", .scheme),
            ("http+unix://x/", .scheme), ("https:///path", .host), ("https://", .host),
            ("https://user@example.com/", .credentials), ("https://:@example.com/", .credentials),
            ("https://example.com\\@127.0.0.1/", .forbiddenCharacter), ("https://example.com/a b", .forbiddenCharacter),
            ("https://example.com/\r\nX: y", .forbiddenCharacter), ("https://exämple.com/", .forbiddenCharacter),
            ("https://１２７.0.0.1/", .forbiddenCharacter), ("https://example.com/#x", .fragment),
            ("https://%31%32%37.0.0.1/", .host), ("https://2130706433/", .host), ("https://0x7f.1/", .host),
            ("https://017700000001/", .host), ("https://127.1/", .host), ("https://127.0.0.1./", .host),
            ("https://0/", .host), ("https://1.2.3.4.5/", .host), ("https://example.123/", .host),
            ("https://010.8.8.8/", .host), ("https://[::1/", .host), ("https://[::1]x/", .host),
            ("https://[fe80::1%25eth0]/", .host), ("https://[v1.x]/", .host), ("https://::1/", .host),
            ("https://exa_mple.com/", .host), ("https://-a.com/", .host), ("https://a..com/", .host),
            ("https://example.com../", .host), ("https://localhost/", .localName), ("https://LOCALHOST./", .localName),
            ("https://example/", .localName), ("https://a.local/", .localName), ("https://db.internal/", .localName),
            ("https://x.home.arpa/", .localName), ("https://example.com:80/", .port), ("https://example.com:/", .port),
            ("https://example.com:0443/", .port), ("https://example.com:99999/", .port),
            ("https://example.com:-1/", .port),
            ("https://127.0.0.1/", .blockedAddress), ("https://10.0.0.1/", .blockedAddress),
            ("https://169.254.169.254/latest", .blockedAddress), ("https://[::1]/", .blockedAddress),
            ("https://[::ffff:8.8.8.8]/", .blockedAddress), ("https://[::ffff:127.0.0.1]/", .blockedAddress),
            ("https://example.com/" + String(repeating: "a", count: 2048), .tooLong),
        ])
    func refused(text: String, code: EndpointError.Code) throws {
        let error = try #require(throws: EndpointError.self) { try EndpointURL(text, policy: .production) }
        #expect(error.code == code, "\(text): \(error)")
        #expect(!error.hint.isEmpty)
    }

    @Test(
        "Look-alikes of local names are public",
        arguments: ["https://mylocalhost.example.com/", "https://local.example.com/"])
    func lookAlikes(text: String) throws {
        _ = try EndpointURL(text, policy: .production)
    }

    @Test("The development policy opens http, this machine and all ports, and nothing else")
    func development() throws {
        for text in [
            "http://localhost:3000/x", "http://127.0.0.1:8080/", "http://[::1]:8080/", "https://example.com:8443/",
        ] {
            _ = try EndpointURL(text, policy: .development)
        }
        for text in [
            "http://10.0.0.1/", "http://192.168.1.1/", "http://169.254.169.254/", "http://nas.local/",
            "http://2130706433/",
        ] {
            #expect(throws: EndpointError.self) { try EndpointURL(text, policy: .development) }
        }
    }
}

@Suite("EndpointPolicy")
struct EndpointPolicyTests {
    // The first and last address of each refused block, and the neighbours outside. Source: IANA special-purpose registries.
    @Test(
        "Blocks are refused from edge to edge",
        arguments: [
            ("0.0.0.0", "0.255.255.255", nil, "1.0.0.0"), ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
            ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
            ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
            ("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17"),
            ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
            ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
            ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
            ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
            ("192.31.196.0", "192.31.196.255", "192.31.195.255", "192.31.197.0"),
            ("192.52.193.0", "192.52.193.255", "192.52.192.255", "192.52.194.0"),
            ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
            ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
            ("192.175.48.0", "192.175.48.255", "192.175.47.255", "192.175.49.0"),
            ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
            ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
            ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
            ("224.0.0.0", "255.255.255.255", "223.255.255.255", nil),
            ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, "2000::"),
            (
                "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:200::"
            ),
            (
                "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db9::"
            ),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
            (
                "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
                "2620:4f:8001::"
            ),
            (
                "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "3fff:1000::"
            ),
            ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil),
            ("::ffff:8.8.8.8", "::8.8.8.8", nil, nil), ("64:ff9b::8.8.8.8", "fd00:ec2::254", nil, nil),
        ] as [(String, String, String?, String?)])
    func edges(first: String, last: String, before: String?, after: String?) throws {
        for text in [first, last] {
            let address = try #require(IPAddress(text))
            #expect(throws: EndpointError.self, "\(text)") { try EndpointPolicy.production.check(address) }
        }
        for text in [before, after].compactMap(\.self) {
            try EndpointPolicy.production.check(#require(IPAddress(text)))
        }
    }
}

@Suite("IPAddress")
struct IPAddressTests {
    @Test(
        "Text is read",
        arguments: [
            ("::", 0), ("::1", 1), ("1::", 1 << 112), ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008),
            ("::ffff:1.2.3.4", 0xFFFF_0102_0304), ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304),
            ("ABCD::ef", 0xABCD << 112 | 0xEF),
        ] as [(String, UInt128)])
    func v6(text: String, value: UInt128) {
        #expect(IPAddress(text) == IPAddress(v6: value))
    }

    @Test(
        "What readers disagree on is refused",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1.2.3.0x4", ":", ":::",
            "1::2::3",
            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:", "::12345", "::g", "1.2.3.4::", "::1%lo", "[::1]",
            "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
