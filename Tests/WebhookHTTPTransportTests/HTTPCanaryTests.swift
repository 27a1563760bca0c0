#if HTTPTransport
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookHTTPTransport
import WebhookConformance

/// Printing of the transport and its configuration; see `CanaryTests`.
@Suite("HTTPTransport printing")
struct HTTPCanaryTests {
    static let canary = "canary4711canary"

    private static var configuration: HTTPTransportConfiguration {
        var configuration = HTTPTransportConfiguration()
        configuration.rootCertificates = Array("-----BEGIN CERTIFICATE-----".utf8)
        configuration.clientCertificate = ClientCertificate(
            chain: Array("-----BEGIN CERTIFICATE-----".utf8), privateKey: Array("PRIVATE \(canary)".utf8))
        configuration.proxy = EgressProxy(host: "proxy.example.com", port: 4750, authorization: "Basic \(canary)")
        return configuration
    }

    /// The values that contain the canary.
    enum Holder: CaseIterable {
        case configuration, certificate, proxy, proxyURL, transport

        var value: Any? {
            switch self {
            case .configuration: HTTPCanaryTests.configuration
            case .certificate: HTTPCanaryTests.configuration.clientCertificate
            case .proxy: HTTPCanaryTests.configuration.proxy
            case .proxyURL:
                EgressProxy(
                    host: "http://\(HTTPCanaryTests.canary):\(HTTPCanaryTests.canary)@proxy.example.com", port: 4750)
            case .transport: HTTPTransport(policy: .production, configuration: HTTPCanaryTests.configuration)
            }
        }
    }

    @Test("Private keys and the proxy's authorization are hidden", arguments: Holder.allCases)
    func hidden(_ holder: Holder) throws { try assertNeverPrints(Self.canary, try #require(holder.value)) }

    @Test("Hosts, ports and lengths are shown")
    func shown() {
        for part in ["proxy.example.com:4750", "privateKey: 24 bytes", "maximumConnections: 1024", "27 bytes"] {
            #expect("\(Self.configuration)".contains(part), "\(Self.configuration)")
        }
    }

    @Test("The error for an unreadable key does not quote the key")
    func unreadableKey() async throws {
        try await TestEndpoint.run(.answering("HTTP/1.1 204 No Content\r\n\r\n"), certificate: TestAuthority().issue())
        {
            endpoint in
            var configuration = Self.configuration
            (configuration.proxy, configuration.rootCertificates) = (nil, nil)
            let transport = HTTPTransport(policy: .development, configuration: configuration)
            let request = WebhookRequest(
                url: try EndpointURL(endpoint.url, policy: .development), headers: [:], body: [],
                timeout: .seconds(5))
            do {
                _ = try await transport.send(request)
                Issue.record("the key was read")
            } catch { try assertNeverPrints(Self.canary, error) }
        }
    }
}
#endif
