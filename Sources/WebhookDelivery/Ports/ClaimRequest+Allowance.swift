public import WebhookEvents

extension ClaimRequest {
    /// What a claim may still take of a worker, shared so that no account and no class of endpoints takes all of it.
    ///
    /// A store checks the allowance before it leases a delivery, and updates it afterwards:
    ///
    /// ```swift
    /// var allowance = ClaimRequest.Allowance(request)
    /// while !allowance.isExhausted, let next = nextDelivery(where: { allowance.admits($0.accountID) }) {
    ///     guard allowance.admits(next.size) else { continue }
    ///     allowance.take(next.size)
    /// }
    /// ```
    public struct Allowance: Sendable {
        /// How much of a worker one delivery uses.
        public struct Size: Sendable, Hashable {
            /// The account that owns the delivery.
            public let accountID: AccountID
            /// The length of the body in bytes.
            public let bytes: Int
            /// How quickly the endpoint responds.
            public let pace: Webhook.EndpointPace.Class
            /// Whether the delivery is a retry: see ``Delivery/isRetry``.
            public let isRetry: Bool

            /// Creates a size.
            ///
            /// - Parameters:
            ///   - accountID: The account that owns the delivery.
            ///   - bytes: The length of the body in bytes.
            ///   - pace: How quickly the endpoint responds.
            ///   - isRetry: Whether the delivery is a retry: see ``Delivery/isRetry``.
            public init(accountID: AccountID, bytes: Int, pace: Webhook.EndpointPace.Class, isRetry: Bool) {
                self.accountID = accountID
                self.bytes = bytes
                self.pace = pace
                self.isRetry = isRetry
            }
        }

        /// How many more deliveries the claim may lease.
        public private(set) var count: Int
        /// How many more of them may be retries.
        public private(set) var retries: Int
        private var untried: ClaimRequest.Room
        private var slow: ClaimRequest.Room
        private var shares: ClaimRequest.AccountShares

        /// Creates the allowance of a new claim.
        ///
        /// - Parameter request: The worker's request.
        public init(_ request: ClaimRequest) {
            count = min(max(0, request.count), 1 << 32)
            retries = max(0, request.retries)
            (untried, slow) = (request.untried, request.slow)
            shares = request.shares
        }

        /// Returns what is left, as a request to another store.
        ///
        /// - Parameter request: The request that the allowance was created from.
        /// - Returns: The same request, reduced to what is left.
        package func rest(of request: ClaimRequest) -> ClaimRequest {
            var rest = request
            (rest.count, rest.retries, rest.untried, rest.slow) = (count, retries, untried, slow)
            rest.shares = shares
            return rest
        }

        /// Whether the claim may lease nothing more.
        public var isExhausted: Bool { count == 0 || shares.free.count == 0 || shares.free.bytes == 0 }

        /// Whether the claim may lease retries.
        public var admitsRetries: Bool { retries > 0 }

        /// Returns whether the claim may lease deliveries of an account.
        ///
        /// - Parameter account: The account.
        /// - Returns: Whether some of the account's share is left.
        public func admits(_ account: AccountID) -> Bool {
            count > 0 && shares.allows(for: account)
        }

        /// Returns whether the claim may lease deliveries to endpoints of a class.
        ///
        /// - Parameter pace: The class.
        /// - Returns: Whether there is room for the class.
        public func admits(_ pace: Webhook.EndpointPace.Class) -> Bool {
            switch pace {
            case .quick: true
            case .untried: untried.isOpen
            case .slow: untried.isOpen && slow.isOpen
            }
        }

        /// Returns how many deliveries to endpoints of a class the claim may lease.
        ///
        /// - Parameter pace: The class.
        /// - Returns: The number of slots; the bytes of bodies may allow fewer deliveries.
        package func room(for pace: Webhook.EndpointPace.Class) -> Int {
            guard !isExhausted, admits(pace) else { return 0 }
            return switch pace {
            case .quick: count
            case .untried: min(count, untried.count)
            case .slow: min(count, untried.count, slow.count)
            }
        }

        /// Returns whether the claim may lease a delivery; the last body of an account may exceed its share.
        ///
        /// - Parameter size: How much of the worker the delivery uses.
        /// - Returns: Whether there is room for it.
        public func admits(_ size: Size) -> Bool {
            admits(size.accountID) && admits(size.pace) && (admitsRetries || !size.isRetry)
        }

        /// Records that a delivery was leased.
        ///
        /// - Parameter size: How much of the worker the delivery uses.
        public mutating func take(_ size: Size) {
            count = max(0, count - 1)
            if size.isRetry { retries = max(0, retries - 1) }
            if size.pace != .quick { untried.take(size.bytes) }
            if size.pace == .slow { slow.take(size.bytes) }
            shares.occupy(bytes: size.bytes, for: size.accountID)
        }
    }
}
