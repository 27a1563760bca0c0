#if HTTPTransport
internal import NIOCore
internal import Synchronization
internal import WebhookLimits

/// Open connections that wait for the next request.
final class ConnectionPool: Sendable {
    /// What two requests must share to share a connection: the name that TLS verified, and the address that was judged.
    struct Key: Hashable, Sendable {
        let isSecure: Bool
        let host: String
        let port: Int
        let address: IPAddress

        init(_ url: EndpointURL, _ address: IPAddress) {
            self.isSecure = url.isSecure
            self.host = url.host
            self.port = url.port
            self.address = address
        }
    }

    private struct Idle {
        let channel: any Channel
        let since: NIODeadline
    }

    /// Servers close idle connections after 5 s (Node) to 75 s (nginx); a connection that waited longer is not worth a try.
    private static let maximumIdleTime = TimeAmount.seconds(4)
    private static let maximumPerKey = 32

    private let idle = Mutex<[Key: [Idle]]>([:])

    /// Takes the connection that was used last, if one is still open.
    func take(_ key: Key) -> (any Channel)? {
        idle.withLock { idle in
            while let candidate = idle[key]?.popLast() {
                if idle[key]?.isEmpty == true { idle[key] = nil }
                if candidate.channel.isActive, candidate.since + Self.maximumIdleTime > .now() {
                    return candidate.channel
                }
                candidate.channel.close(promise: nil)
            }
            return nil
        }
    }

    /// Keeps a connection for a while.
    func put(_ channel: any Channel, _ key: Key) {
        let isKept = idle.withLock { idle in
            guard idle[key, default: []].count < Self.maximumPerKey else { return false }
            idle[key, default: []].append(Idle(channel: channel, since: .now()))
            return true
        }
        guard isKept else { return channel.close(promise: nil) }
        channel.eventLoop.scheduleTask(in: Self.maximumIdleTime) { self.closeExpired(key) }
    }

    private func closeExpired(_ key: Key) {
        let expired = idle.withLock { idle -> [Idle] in
            let limit = NIODeadline.now() - Self.maximumIdleTime
            let expired = idle[key, default: []].filter { $0.since <= limit || !$0.channel.isActive }
            idle[key]?.removeAll { $0.since <= limit || !$0.channel.isActive }
            if idle[key]?.isEmpty == true { idle[key] = nil }
            return expired
        }
        for connection in expired { connection.channel.close(promise: nil) }
    }
}
#endif
