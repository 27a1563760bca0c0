#if AsyncHTTPClient
public import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
public import WebhookDelivery
internal import WebhookHTTP1
public import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// Sends webhooks through an AsyncHTTPClient that the host has already.
///
/// It judges every address that the host's name has, as the ready-made transport does, and keeps the deadline and the bound
/// on the body. What it cannot do, because that client offers no way to:
///
/// - **Pin the address of an `https` endpoint.** The client looks the name up again. A name that changes its address in
///   between gets a connection and a TLS greeting at the new address, but no request: the certificate would have to be
///   for that name. `http` endpoints are connected to by the judged address.
/// - **Switch redirects, decompression and HTTP/2 off.** They are the client's: make it with
///   `HTTPClient.Configuration.webhooks(_:policy:)`. A response that came over a redirect is refused, but the
///   redirect has been followed by then.
/// - **Bound the head as tightly.** The client's parser takes 80 KB and any number of fields, skips informational responses
///   until the deadline, and reads the target's percent signs its own way.
/// - **Take a status whose fields or end are odd.** A folded field, two equal lengths, or bytes behind a 204 on a kept
///   connection fail the attempt, though the endpoint has the event: it is sent again.
/// - **Race addresses until one has ended its TLS handshake.** The client races connections only, and looks `https` names up
///   itself.
/// - **Share connections between accounts.** Look-ups are shared, but the client's pool bounds connections by host only; the
///   engine's bounds on requests in flight are what keeps one account from using all descriptors.
/// - **Say in which phase a deadline passed**, or what was wrong with a certificate.
///
/// Hosts that can choose should use `HTTPTransport`.
public struct AsyncHTTPClientTransport: WebhookTransport {
    /// Which endpoints it connects to.
    public let policy: EndpointPolicy
    private let client: HTTPClient
    private let lookUps: LookUps

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - client: The host's client, made with `HTTPClient.Configuration.webhooks(_:policy:)`.
    ///   - policy: Which endpoints it connects to.
    ///   - resolver: What looks host names up; the system's resolver unless said otherwise.
    public init(client: HTTPClient, policy: EndpointPolicy, resolver: any HostResolver = SystemResolver()) {
        self.client = client
        self.policy = policy
        self.lookUps = LookUps(resolver)
    }

    /// Sends one request and waits for the response.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: `TransportError`, or `CancellationError` when the task is cancelled.
    public func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let timeout = min(max(request.timeout, .zero), .seconds(3600))
        let deadline = ContinuousClock.now + timeout
        // What must not be sent is the same whoever sends it.
        _ = try RequestHead(request)
        do {
            let addresses = try await validatedAddresses(of: request, until: deadline)
            let response = try await execute(request, addresses, until: deadline)
            guard response.history.count <= 1 else {
                throw TransportError(
                    .invalidResponse, "The client follows redirects; make it with .webhooks(_:policy:)")
            }
            let headers = HeaderFields(response.headers.map { ($0.name, $0.value) })
            return WebhookResponse(
                status: Int(response.status.code), headers: headers,
                body: await Self.beginning(of: response.body, until: deadline))
        } catch {
            try Task.checkCancellation()
            throw ClientFailure.describe(error)
        }
    }

    private func validatedAddresses(
        of request: WebhookRequest, until deadline: ContinuousClock.Instant
    ) async throws -> [IPAddress] {
        let url = request.url
        if let address = url.address { return try policy.judged(.success([address]), of: url.host) }
        let answer = try await lookUps.addresses(of: url.host, for: request.account, until: deadline)
        return try policy.judged(.success(answer), of: url.host)
    }

    /// Sends to the first address that does not refuse; for `https`, the client chooses among them itself.
    private func execute(
        _ request: WebhookRequest, _ addresses: [IPAddress], until deadline: ContinuousClock.Instant
    ) async throws -> HTTPClientResponse {
        var rest = request.url.isSecure ? addresses.prefix(1) : addresses[...]
        while true {
            let clientRequest = try Self.clientRequest(request, to: rest.removeFirst())
            let left = max(.zero, deadline - .now)
            do {
                return try await client.execute(clientRequest, timeout: .nanoseconds(left.wholeNanoseconds))
            } catch  where !rest.isEmpty && ClientFailure.describe(error).failure == .connectionRefused {
                continue
            }
        }
    }

    private static func clientRequest(_ request: WebhookRequest, to address: IPAddress) throws -> HTTPClientRequest {
        let url = request.url
        let host = address.family == .v6 ? "[\(address)]" : address.description
        var clientRequest = HTTPClientRequest(
            url: url.isSecure ? url.description : "http://\(host):\(url.port)\(url.target)")
        clientRequest.method = .POST
        clientRequest.headers.add(name: "Host", value: url.authority)
        for field in request.headers.fields { clientRequest.headers.add(name: field.name, value: field.value) }
        clientRequest.headers.add(name: "Accept-Encoding", value: "identity")
        clientRequest.body = .bytes(ByteBuffer(bytes: request.body))
        return clientRequest
    }

    /// What arrives of the body within 250 ms and the deadline.
    ///
    /// The head has decided the outcome, and a slow body would hold a place.
    private static func beginning(
        of body: HTTPClientResponse.Body, until deadline: ContinuousClock.Instant
    ) async -> [UInt8] {
        let box = BodyBox()
        let deadline = min(deadline, .now + .milliseconds(250))
        try? await Deadline.race(deadline, orThrow: .responseTimeout) {
            for try await buffer in body where !box.append(buffer.readableBytesView) { return }
        }
        return box.bytes
    }
}
#else
/// Needs the trait.
@available(
    *, unavailable, message: "AsyncHTTPClientTransport needs the trait: .package(…, traits: [\"AsyncHTTPClient\"])"
)
public struct AsyncHTTPClientTransport {}
#endif
