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
    public let deliveryID: DeliveryID
    /// Its webhook.
    public let webhookID: WebhookID
    /// The account that owns both; stores that keep accounts apart find the delivery by it.
    public let accountID: AccountID
    /// The fencing token of the claim.
    public let token: Lease.FencingToken

    /// Creates a lease.
    ///
    /// - Parameters:
    ///   - deliveryID: The delivery.
    ///   - webhookID: Its webhook.
    ///   - accountID: The account that owns both.
    ///   - token: The fencing token of the claim.
    public init(deliveryID: DeliveryID, webhookID: WebhookID, accountID: AccountID, token: Lease.FencingToken) {
        self.deliveryID = deliveryID
        self.webhookID = webhookID
        self.accountID = accountID
        self.token = token
    }

    /// Creates the lease of a claimed delivery.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - token: The fencing token of the claim.
    public init(of delivery: Delivery, token: Lease.FencingToken) {
        self.init(deliveryID: delivery.id, webhookID: delivery.webhookID, accountID: delivery.accountID, token: token)
    }
}
