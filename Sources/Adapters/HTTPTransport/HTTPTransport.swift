#if HTTPTransport
internal import NIOCore
internal import NIOPosix
public import WebhookDelivery
public import WebhookLimits
internal import WebhookRetries

/// Sends webhooks over HTTP/1.1, with TLS for `https`, on SwiftNIO.
///
/// It looks a host up once, refuses when any of its addresses is refused, connects to the very address it judged, and
/// presents and verifies the original name in TLS. It follows no redirect, uses no proxy and decompresses nothing.
/// Connections are kept open and used again for the same host, port and address.
public final class HTTPTransport: WebhookTransport {
    /// Which endpoints it connects to.
    public let policy: EndpointPolicy
    private let resolver: any HostResolver
    private let connector: HTTPConnector
    private let pool = ConnectionPool()
    private let group: any EventLoopGroup

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - policy: Which endpoints it connects to.
    ///   - resolver: What looks host names up; the system's resolver unless said otherwise.
    ///   - rootCertificates: PEM certificates to trust in place of the system's.
    public init(
        policy: EndpointPolicy, resolver: any HostResolver = SystemResolver(), rootCertificates: [UInt8]? = nil
    ) {
        self.policy = policy
        self.resolver = resolver
        self.connector = HTTPConnector(rootCertificates: rootCertificates)
        self.group = MultiThreadedEventLoopGroup.singleton
    }

    /// Sends one request and waits for the response.
    ///
    /// - Parameter request: The request.
    /// - Returns: The response, whatever its status.
    /// - Throws: `TransportError`, or `CancellationError` when the task is cancelled.
    public func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        let eventLoop = group.next()
        let deadline = NIODeadline.now() + TimeAmount(request.timeout)
        do {
            let addresses = try await vettedAddresses(of: request.url, on: eventLoop, deadline)
            return try await exchange(request, addresses, on: eventLoop, deadline)
        } catch {
            try Task.checkCancellation()
            throw HTTPFailure.describe(error)
        }
    }

    /// The host's addresses, all of which the policy allows.
    private func vettedAddresses(
        of url: EndpointURL, on eventLoop: any EventLoop, _ deadline: NIODeadline
    ) async throws -> [IPAddress] {
        var addresses: [IPAddress] = []
        if let address = url.address {
            addresses = [address]
        } else {
            addresses = try await eventLoop.race(resolver.addresses(of: url.host, on: eventLoop), deadline) {
                TransportError(.connectTimeout, "The name look-up took too long")
            }
        }
        guard !addresses.isEmpty else { throw TransportError(.dnsFailure, "The host has no address") }
        for address in addresses {
            do { try policy.check(address) } catch { throw TransportError(.blockedAddress, error.message) }
        }
        return addresses
    }

    private func exchange(
        _ request: WebhookRequest, _ addresses: [IPAddress], on eventLoop: any EventLoop, _ deadline: NIODeadline
    ) async throws -> WebhookResponse {
        for address in addresses {
            let key = ConnectionPool.Key(request.url, address)
            while let channel = pool.take(key) {
                // A kept connection that the peer has closed takes no byte, so nothing was sent and another may try.
                do { return try await perform(request, on: channel, key, deadline) } catch is StaleConnection {}
            }
        }
        var lastError: any Error = TransportError(.connectionRefused, "The host has no address")
        for (index, address) in addresses.enumerated() {
            // Each address gets its share of the time that is left, so that one that swallows packets leaves some.
            let left = max(.zero, deadline - .now())
            guard left > .zero else { break }
            let share = NIODeadline.now() + .nanoseconds(left.nanoseconds / Int64(addresses.count - index))
            let channel: any Channel
            do { channel = try await connector.connect(to: request.url, address, on: eventLoop, share) } catch {
                lastError = error
                continue
            }
            return try await perform(request, on: channel, ConnectionPool.Key(request.url, address), deadline)
        }
        throw lastError
    }

    private func perform(
        _ request: WebhookRequest, on channel: any Channel, _ key: ConnectionPool.Key, _ deadline: NIODeadline
    ) async throws -> WebhookResponse {
        let promise = channel.eventLoop.makePromise(of: HTTPExchange.Result.self)
        let exchange = HTTPExchange(request: request, deadline: deadline, promise: promise)
        let result = try await withTaskCancellationHandler {
            // A channel that is closed has no handler left to answer.
            channel.writeAndFlush(exchange).whenFailure { _ in
                if !exchange.isAccepted { promise.fail(StaleConnection()) }
            }
            return try await promise.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        if result.isReusable { pool.put(channel, key) }
        return result.response
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        self = .nanoseconds(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
#else
/// Needs the trait.
@available(*, unavailable, message: "HTTPTransport needs the trait: .package(…, traits: [\"HTTPTransport\"])")
public struct HTTPTransport {}
#endif
