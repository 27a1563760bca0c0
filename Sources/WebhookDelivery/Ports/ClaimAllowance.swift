public import WebhookEvents

/// What a claim may still take of a worker, shared out so that no account and no kind of endpoint gets all of it.
///
/// A store asks before each delivery that it leases, and tells what it took:
///
/// ```swift
/// var allowance = ClaimAllowance(request)
/// while !allowance.isExhausted, let next = nextDelivery(where: { allowance.admits($0.account) }) {
///     guard allowance.admits(next.size) else { continue }
///     allowance.take(next.size)
/// }
/// ```
public struct ClaimAllowance: Sendable {
    /// What one delivery takes of a worker.
    public struct Size: Sendable, Hashable {
        /// The account that it belongs to.
        public let account: AccountID
        /// The length of its body in bytes.
        public let bytes: Int
        /// How soon its endpoint answers.
        public let pace: EndpointPace.Class
        /// Whether it is a retry: see ``Delivery/isRetry``.
        public let isRetry: Bool

        /// Creates a size.
        ///
        /// - Parameters:
        ///   - account: The account that it belongs to.
        ///   - bytes: The length of its body in bytes.
        ///   - pace: How soon its endpoint answers.
        ///   - isRetry: Whether it is a retry: see ``Delivery/isRetry``.
        public init(account: AccountID, bytes: Int, pace: EndpointPace.Class, isRetry: Bool) {
            self.account = account
            self.bytes = bytes
            self.pace = pace
            self.isRetry = isRetry
        }
    }

    /// How many more deliveries the claim may take.
    public private(set) var count: Int
    /// How many more of them may be retries.
    public private(set) var retries: Int
    private var untried: ClaimRequest.Room
    private var slow: ClaimRequest.Room
    private var shares: AccountShares

    /// Creates the allowance of a claim that has taken nothing yet.
    ///
    /// - Parameter request: What the worker asks for.
    public init(_ request: ClaimRequest) {
        count = min(max(0, request.count), 1 << 32)
        retries = max(0, request.retries)
        (untried, slow) = (request.untried, request.slow)
        shares = request.shares
    }

    /// What is left, as a request to another store.
    ///
    /// - Parameter request: The request that the allowance was made of.
    /// - Returns: The same request for what is left.
    package func rest(of request: ClaimRequest) -> ClaimRequest {
        var rest = request
        (rest.count, rest.retries, rest.untried, rest.slow) = (count, retries, untried, slow)
        rest.shares = shares
        return rest
    }

    /// Whether nothing more can be taken.
    public var isExhausted: Bool { count == 0 || shares.free.count == 0 || shares.free.bytes == 0 }

    /// Whether retries may be taken.
    public var admitsRetries: Bool { retries > 0 }

    /// Whether deliveries of an account may be taken.
    ///
    /// - Parameter account: The account.
    /// - Returns: Whether it has any of its share left.
    public func admits(_ account: AccountID) -> Bool {
        count > 0 && shares.allows(for: account)
    }

    /// Whether deliveries to endpoints of a class may be taken.
    ///
    /// - Parameter pace: The class.
    /// - Returns: Whether there is room for the class.
    public func admits(_ pace: EndpointPace.Class) -> Bool {
        switch pace {
        case .quick: true
        case .untried: untried.isOpen
        case .slow: untried.isOpen && slow.isOpen
        }
    }

    /// How many deliveries to endpoints of a class may be taken.
    ///
    /// - Parameter pace: The class.
    /// - Returns: The number, as far as slots go.
    package func room(for pace: EndpointPace.Class) -> Int {
        guard !isExhausted, admits(pace) else { return 0 }
        return switch pace {
        case .quick: count
        case .untried: min(count, untried.count)
        case .slow: min(count, untried.count, slow.count)
        }
    }

    /// Whether a delivery may be taken; the last body of an account may go over its share.
    ///
    /// - Parameter size: What it takes of the worker.
    /// - Returns: Whether there is room for it.
    public func admits(_ size: Size) -> Bool {
        admits(size.account) && admits(size.pace) && (admitsRetries || !size.isRetry)
    }

    /// A delivery was leased.
    ///
    /// - Parameter size: What it takes of the worker.
    public mutating func take(_ size: Size) {
        count = max(0, count - 1)
        if size.isRetry { retries = max(0, retries - 1) }
        if size.pace != .quick { untried.take(size.bytes) }
        if size.pace == .slow { slow.take(size.bytes) }
        shares.occupy(bytes: size.bytes, for: size.account)
    }
}
