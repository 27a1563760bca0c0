#if HTTPTransport || AsyncHTTPClient
import Testing
import WebhookResolver

@Suite("ParentDomain")
struct ParentDomainTests {
    @Test(
        "Names of one owner share their last two labels, or three under a country's public suffix",
        arguments: [
            ("hooks.example.com", "example.com"), ("a.b.c.example.com", "example.com"), ("example.com", "example.com"),
            ("localhost", "localhost"), ("a.b.example.co.uk", "example.co.uk"), ("example.co.uk", "example.co.uk"),
            ("a.example.com.au", "example.com.au"), ("a.b.example.de", "example.de"), ("co.uk", "co.uk"),
            ("a.b.co.com", "co.com"), ("", ""), ("..", "."),
        ])
    func parents(name: String, parent: String) { #expect(ParentDomain.of(name) == parent) }
}
#endif
