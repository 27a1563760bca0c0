#if AsyncHTTPClient
public import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
public import WebhookDelivery
internal import WebhookHTTP1
public import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// A transport that sends webhooks through the host's existing AsyncHTTPClient.
///
/// Like `HTTPTransport`, it validates every address of the endpoint's host name, and it enforces the deadline and the
/// maximum body length. The client does not support the following:
///
/// - **Pinning the address of an `https` endpoint.** The client resolves the name again. If the address of the name
///   changes in between, the client connects and starts TLS at the new address, but sends no request, because the
///   certificate would have to match the name. For `http` endpoints, the transport connects to the validated address.
/// - **Disabling redirects, decompression and HTTP/2 per request.** Configure the client with
///   `HTTPClient.Configuration.webhooks(_:policy:)`. The transport rejects a response that followed a redirect, but by
///   then the client has sent the redirected request.
/// - **A tight limit on the response head.** The client's parser accepts 80 KB and any number of fields, skips
///   informational responses until the deadline, and has its own interpretation of percent signs in the target.
/// - **Accepting a status despite irregular fields or body ends.** A folded field, two equal lengths, or bytes after a
///   204 on a reused connection fail the attempt, so the event is sent again although the endpoint has received it.
/// - **Racing addresses up to the end of the TLS handshake.** The client races only connections, and resolves `https`
///   names itself.
/// - **Sharing connections fairly between accounts.** Look-ups are shared fairly, but the client's pool limits
///   connections only by host. Only the dispatcher's limits on requests in flight keep one account from using all
///   descriptors.
/// - **Reporting the phase in which a deadline passed**, or the problem with a certificate.
///
/// Use `HTTPTransport` if possible.
public struct AsyncHTTPClientTransport: WebhookTransport {
    /// The policy that validates endpoints and their addresses.
    public let policy: EndpointPolicy
    private let client: HTTPClient
    private let lookups: LookupRunner

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - client: The host's client, made with `HTTPClient.Configuration.webhooks(_:policy:)`.
    ///   - policy: The policy that validates endpoints and their addresses.
    ///   - resolver: The resolver for host names; the default is the system's resolver.
    public init(client: HTTPClient, policy: EndpointPolicy, resolver: any HostResolver = SystemResolver()) {
        self.client = client
        self.policy = policy
        self.lookups = LookupRunner(resolver)
    }

    /// Sends one request and waits for the response.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: `TransportError`, or `CancellationError` if the task is cancelled.
    public func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let timeout = min(max(request.timeout, .zero), .seconds(3600))
        let deadline = ContinuousClock.now + timeout
        // Validates the target and the header fields, as `HTTPTransport` does.
        _ = try RequestHead(request)
        do {
            let addresses = try await validatedAddresses(of: request, until: deadline)
            let response = try await execute(request, addresses, until: deadline)
            guard response.history.count <= 1 else {
                throw TransportError(
                    .invalidResponse, "The client followed a redirect; configure it with .webhooks(_:policy:)")
            }
            let headers = HeaderFields(response.headers.map { ($0.name, $0.value) })
            let body = await Self.beginning(of: response.body, until: deadline)
            // The client does not tell which address it reached, unless there was no choice.
            return WebhookResponse(
                status: Int(response.status.code), headers: headers, body: body.bytes, isBodyComplete: body.isComplete,
                address: addresses.count == 1 && !request.url.isSecure ? addresses.first : nil)
        } catch {
            try Task.checkCancellation()
            throw ClientFailure.describe(error)
        }
    }

    private func validatedAddresses(
        of request: WebhookRequest, until deadline: ContinuousClock.Instant
    ) async throws -> [IPAddress] {
        let url = request.url
        if let address = url.address { return try policy.validatedAddresses(.success([address]), of: url.host) }
        let answer = try await lookups.addresses(of: url.host, for: request.accountID, until: deadline)
        return try policy.validatedAddresses(.success(answer), of: url.host)
    }

    /// Sends to the first address that accepts the connection; for `https`, the client chooses the address itself.
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
        for field in request.headers.lines { clientRequest.headers.add(name: field.name, value: field.value) }
        clientRequest.headers.add(name: "Accept-Encoding", value: "identity")
        clientRequest.body = .bytes(ByteBuffer(bytes: request.body))
        return clientRequest
    }

    /// Returns the part of the body that arrives within 250 ms and before the deadline.
    ///
    /// The head determines the outcome, and waiting for a slow body would occupy a slot.
    private static func beginning(
        of body: HTTPClientResponse.Body, until deadline: ContinuousClock.Instant
    ) async -> (bytes: [UInt8], isComplete: Bool) {
        let box = BodyBox()
        let deadline = min(deadline, .now + .milliseconds(250))
        let isComplete = try? await Deadline.race(deadline, orThrow: .responseTimeout) {
            for try await buffer in body where !box.append(buffer.readableBytesView) { return false }
            return true
        }
        return (box.bytes, isComplete ?? false)
    }
}
#else
/// Available with the trait `AsyncHTTPClient`.
@available(
    *, unavailable, message: "AsyncHTTPClientTransport needs the trait: .package(…, traits: [\"AsyncHTTPClient\"])"
)
public struct AsyncHTTPClientTransport {}
#endif
