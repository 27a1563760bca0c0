#if HTTPTransport
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookConformance

/// Bugs that transports of this or other libraries had; each must fail its conformance case.
@Suite("TransportConformance with planted bugs", .timeLimit(.minutes(2)))
struct OldFaultTests {
    enum Fault: String, CaseIterable {
        case onlyTheFirstAddress = "If an address refuses the connection, the next one is tried"
        case anEvenPartOfTheTime =
            "Slow addresses of a healthy host can use the whole timeout, and the request is sent once"
        case oneAddressAfterTheOther = "Each address that stalls in the handshake costs only a short delay"
        case waitsForTheEnd = "A body of unclear length delays neither its own nor the next request"
        case judgesFields = "Unusual or excessive header fields do not change the status"
        case blamesNegotiation =
            "An endpoint that closes the connection after the handshake has reset it, however it closes"
    }

    @Test("A transport with the bug fails its conformance case", arguments: Fault.allCases)
    func planted(_ fault: Fault) async throws {
        let name = fault.rawValue
        let example = try #require(
            TransportConformance.cases.first { $0.name.hasPrefix(name.prefix(40)) }, "no case begins with “\(name)”")
        await #expect(throws: ConformanceFailure.self) {
            try await example.run { FaultyTransport(fault: fault, setup: $0) }
        }
    }
}

/// The library's transport, wrapped with one bug.
private struct FaultyTransport: WebhookTransport {
    let fault: OldFaultTests.Fault
    let setup: TransportConformance.Setup
    let base: HTTPTransport

    init(fault: OldFaultTests.Fault, setup: TransportConformance.Setup) {
        self.fault = fault
        self.setup = setup
        base = Self.transport(setup) { name in
            let found = try await setup.lookup(name)
            return fault == .onlyTheFirstAddress ? Array(found.prefix(1)) : found
        }
    }

    var policy: EndpointPolicy { setup.policy }

    func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        switch fault {
        case .anEvenPartOfTheTime, .oneAddressAfterTheOther: return try await inTurn(request)
        case .waitsForTheEnd:
            let response = try await base.send(request)
            guard response.headers["Content-Length"] == "2" else {
                throw TransportError(.responseTimeout, "no end of the body")
            }
            return response
        case .judgesFields:
            let response = try await base.send(request)
            guard response.headers.lines.count < 100 else {
                throw TransportError(.invalidResponse, "too many fields")
            }
            return response
        case .blamesNegotiation:
            do { return try await base.send(request) } catch let error as TransportError where request.url.isSecure {
                throw TransportError(.tlsHandshake, error.message)
            }
        case .onlyTheFirstAddress: return try await base.send(request)
        }
    }

    /// Tries the addresses one after the other, each with an equal share of the remaining time.
    private func inTurn(_ request: WebhookRequest) async throws -> WebhookResponse {
        let addresses = try await setup.lookup(request.url.host)
        var left = request.timeout
        var failure: (any Error)?
        for (index, address) in addresses.enumerated() {
            let part = fault == .anEvenPartOfTheTime ? left / (addresses.count - index) : min(left, .seconds(1))
            left -= part
            let attempt = WebhookRequest(
                url: request.url, headers: request.headers, body: request.body, timeout: part)
            do { return try await Self.transport(setup) { _ in [address] }.send(attempt) } catch { failure = error }
        }
        throw failure ?? TransportError(.dnsFailure, "no address")
    }

    private static func transport(
        _ setup: TransportConformance.Setup, lookup: @escaping @Sendable (String) async throws -> [IPAddress]
    ) -> HTTPTransport {
        var configuration = HTTPTransportConfiguration()
        configuration.rootCertificates = setup.rootCertificates.isEmpty ? nil : setup.rootCertificates
        return HTTPTransport(
            policy: setup.policy, configuration: configuration, resolver: ClosureResolver(lookup: lookup))
    }
}
#endif
