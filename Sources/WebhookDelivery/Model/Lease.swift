public import WebhookEvents

/// A number that rises with every claim of a delivery, so that a store can tell a worker that lost it from its owner.
public struct FencingToken: Sendable, Hashable, Comparable {
    /// The number.
    public let rawValue: Int64

    /// Creates a token from what a store has kept.
    ///
    /// - Parameter rawValue: The number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The token of the next claim.
    public var next: FencingToken { FencingToken(rawValue &+ 1) }

    /// Whether one claim was made before another.
    public static func < (lhs: FencingToken, rhs: FencingToken) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The right to attempt one delivery, for a while.
public struct Lease: Sendable, Hashable {
    /// The delivery.
    public let delivery: DeliveryID
    /// Its webhook.
    public let webhook: WebhookID
    /// What the store tells its owner by.
    public let token: FencingToken

    /// Creates a lease.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - webhook: Its webhook.
    ///   - token: The token of the claim.
    public init(delivery: DeliveryID, webhook: WebhookID, token: FencingToken) {
        self.delivery = delivery
        self.webhook = webhook
        self.token = token
    }
}
