public import WebhookEvents

extension Lease {
    /// A number that every claim of a delivery raises, so that the store can reject reports from earlier claims.
    public struct FencingToken: Sendable, Hashable, Comparable {
        /// The number.
        public let rawValue: Int64

        /// Creates a token from its stored number.
        ///
        /// - Parameter rawValue: The number.
        public init(_ rawValue: Int64) { self.rawValue = rawValue }

        /// The token of the next claim.
        public var next: Lease.FencingToken { Lease.FencingToken(rawValue &+ 1) }

        /// Returns whether one claim was made before another.
        public static func < (lhs: Lease.FencingToken, rhs: Lease.FencingToken) -> Bool { lhs.rawValue < rhs.rawValue }
    }
}

/// The right to attempt one delivery, for a limited time.
public struct Lease: Sendable, Hashable {
    /// The delivery.
    public let delivery: DeliveryID
    /// Its webhook.
    public let webhook: WebhookID
    /// The account that owns both; stores that keep accounts apart find the delivery by it.
    public let account: AccountID
    /// The fencing token of the claim.
    public let token: Lease.FencingToken

    /// Creates a lease.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - webhook: Its webhook.
    ///   - account: The account that owns both.
    ///   - token: The fencing token of the claim.
    public init(delivery: DeliveryID, webhook: WebhookID, account: AccountID, token: Lease.FencingToken) {
        self.delivery = delivery
        self.webhook = webhook
        self.account = account
        self.token = token
    }

    /// Creates the lease of a claimed delivery.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - token: The fencing token of the claim.
    public init(of delivery: Delivery, token: Lease.FencingToken) {
        self.init(delivery: delivery.id, webhook: delivery.webhook, account: delivery.account, token: token)
    }
}
