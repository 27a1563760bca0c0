public import WebhookEvents

/// The limits of the product page; a host can change each of them.
public struct ServiceLimits: Sendable, Hashable {
    /// The maximum number of webhooks per account.
    public var webhooksPerAccount: Int
    /// The maximum number of deliveries per webhook and UTC day; retries do not count.
    public var deliveriesPerDay: Int
    /// The maximum number of registrations per account and UTC day, including webhooks that were deleted again.
    public var registrationsPerDay: Int
    /// The maximum length of a body, in bytes.
    public var bodyBytes: Int
    /// The timeout of an attempt, unless its webhook sets another.
    public var timeout: Duration
    /// The maximum number of open deliveries per webhook.
    public var openDeliveriesPerWebhook: Int
    /// The maximum number of running replays per account.
    public var runningReplaysPerAccount: Int
    /// How long a webhook that has expired, or whose endpoint answered 410, still counts as one of its account's webhooks.
    public var retirementGrace: Duration

    /// The time to wait before retrying an operation that needs another one to finish first.
    public static let pauseWhenFull = Duration.seconds(60)

    /// The range of timeouts that a webhook can set.
    public static let timeoutRange: ClosedRange<Duration> = .seconds(1) ... .seconds(30)

    /// Creates limits; the defaults are the documented limits.
    ///
    /// - Parameters:
    ///   - webhooksPerAccount: The maximum number of webhooks per account.
    ///   - deliveriesPerDay: The maximum number of deliveries per webhook and UTC day.
    ///   - registrationsPerDay: The maximum number of registrations per account and UTC day. The product page sets no
    ///     limit; the default is ten times the default `webhooksPerAccount`.
    ///   - bodyBytes: The maximum length of a body, in bytes.
    ///   - timeout: The default timeout of an attempt; ``timeout(asked:)`` clamps it to ``timeoutRange``.
    ///   - openDeliveriesPerWebhook: The maximum number of open deliveries per webhook. The product page sets no limit;
    ///     the default is a hundred days of deliveries, which only a permanently failing endpoint reaches.
    ///   - runningReplaysPerAccount: The maximum number of running replays per account. The product page sets no
    ///     limit; the default is the default `webhooksPerAccount`.
    ///   - retirementGrace: How long a webhook that has expired, or whose endpoint answered 410, still counts. Integration
    ///     platforms abandon subscriptions, and ten of them must not lock an account out; the default is a day.
    public init(
        webhooksPerAccount: Int = 10, deliveriesPerDay: Int = 1000, registrationsPerDay: Int = 100,
        bodyBytes: Int = 10_000_000, timeout: Duration = .seconds(5), openDeliveriesPerWebhook: Int = 100_000,
        runningReplaysPerAccount: Int = 10, retirementGrace: Duration = .seconds(86_400)
    ) {
        self.webhooksPerAccount = webhooksPerAccount
        self.deliveriesPerDay = deliveriesPerDay
        self.registrationsPerDay = registrationsPerDay
        self.bodyBytes = bodyBytes
        self.timeout = timeout
        self.openDeliveriesPerWebhook = openDeliveriesPerWebhook
        self.runningReplaysPerAccount = runningReplaysPerAccount
        self.retirementGrace = retirementGrace
    }

    /// The documented limits: 10 webhooks per account, 1000 deliveries per webhook and UTC day, 10 000 000 bytes, 5 s.
    ///
    /// Source: the product page, "Webhook Limits".
    public static let standard = ServiceLimits()
}

extension ServiceLimits {
    /// Checks whether an account may have one more webhook.
    ///
    /// - Parameter count: The number of webhooks that the account has.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/webhooksPerAccount``.
    public func checkWebhooks(existing count: Int) throws(LimitError) {
        guard count >= webhooksPerAccount else { return }
        throw LimitError(
            .webhooksPerAccount, "The account has \(count) webhooks; the limit is \(webhooksPerAccount)",
            hint: "Delete a webhook that is no longer needed.")
    }

    /// Checks whether an account may register one more webhook today.
    ///
    /// - Parameters:
    ///   - count: The number of webhooks that the account has registered today.
    ///   - until: When the next day begins.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/registrationsPerDay``.
    public func checkRegistrations(today count: Int, until: Timestamp) throws(LimitError) {
        guard count >= registrationsPerDay else { return }
        throw LimitError(
            .registrationsPerDay,
            "The account has registered \(count) webhooks today; the limit is \(registrationsPerDay)",
            hint: "Change an existing webhook, or wait until \(until).", retryAt: until)
    }

    /// Checks whether a body may be sent.
    ///
    /// - Parameter count: The body's length in bytes.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/bodyBytes``.
    public func checkBody(bytes count: Int) throws(LimitError) {
        guard count > bodyBytes else { return }
        throw LimitError(
            .bodyBytes, "The body has \(count) bytes; the limit is \(bodyBytes)",
            hint: "Send a reference to large data and let the receiver fetch it.")
    }

    /// Returns the error for an exhausted daily quota, for requests that cannot wait for the next day.
    ///
    /// - Parameter until: When the next day begins.
    /// - Returns: ``LimitError`` with code ``LimitError/Code/deliveriesPerDay``.
    public func quotaExhausted(until: Timestamp) -> LimitError {
        LimitError(
            .deliveriesPerDay, "The webhook reached its daily limit of \(deliveriesPerDay) deliveries",
            hint: "The limit resets at \(until).", retryAt: until)
    }

    /// Returns the error for too many requests in flight, a webhook's reached rate, or too many concurrent history
    /// reads.
    ///
    /// - Parameter until: When to try again.
    /// - Returns: ``LimitError`` with code ``LimitError/Code/requestsInFlight``.
    public func busy(until: Timestamp) -> LimitError {
        LimitError(
            .requestsInFlight,
            "The webhook, its account or the sender has too many requests in flight or history reads",
            hint: "Try again in a moment.", retryAt: until)
    }

    /// Returns the timeout of an attempt.
    ///
    /// - Parameter asked: The timeout that the webhook sets; `nil` for the default.
    /// - Returns: The timeout.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/timeout``.
    public func timeout(asked: Duration?) throws(LimitError) -> Duration {
        guard let asked else { return min(max(timeout, Self.timeoutRange.lowerBound), Self.timeoutRange.upperBound) }
        guard Self.timeoutRange.contains(asked) else {
            throw LimitError(
                .timeout, "The timeout is not between 1 and 30 seconds", hint: "Omit it to use the default.")
        }
        return asked
    }

    /// Checks whether a webhook may have one more open delivery.
    ///
    /// - Parameters:
    ///   - count: The webhook's number of open deliveries.
    ///   - until: When to try again; `nil` if the caller does not try again.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/openDeliveriesPerWebhook``.
    public func checkBacklog(open count: Int, until: Timestamp? = nil) throws(LimitError) {
        guard count >= openDeliveriesPerWebhook else { return }
        throw LimitError(
            .openDeliveriesPerWebhook,
            "The webhook has \(count) open deliveries; the limit is \(openDeliveriesPerWebhook)",
            hint: "Repair the endpoint, or disable the webhook and replay its deliveries later.", retryAt: until)
    }

    /// Checks whether an account may run one more replay.
    ///
    /// - Parameters:
    ///   - count: The number of replays that are running.
    ///   - until: When to try again.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/runningReplaysPerAccount``.
    public func checkReplays(running count: Int, until: Timestamp) throws(LimitError) {
        guard count >= runningReplaysPerAccount else { return }
        throw LimitError(
            .runningReplaysPerAccount,
            "The account has \(count) running replays; the limit is \(runningReplaysPerAccount)",
            hint: "Wait until one finishes, or cancel one.", retryAt: until)
    }
}
