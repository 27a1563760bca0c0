public import WebhookEvents

/// The limits of the product page as values, each of which a host may change.
public struct WebhookLimits: Sendable, Hashable {
    /// The most webhooks an account may have.
    public var webhooksPerAccount: Int
    /// The most deliveries a webhook gets on one UTC day; retries are free.
    public var deliveriesPerDay: Int
    /// The most webhooks that an account may register on one UTC day, those included that it deleted again.
    public var registrationsPerDay: Int
    /// The largest body that is sent, in bytes.
    public var bodyBytes: Int
    /// How long one attempt may take, unless its webhook says otherwise.
    public var timeout: Duration
    /// The most deliveries of one webhook that may wait at once.
    public var openDeliveriesPerWebhook: Int
    /// The most recoveries of one account that may run at once.
    public var runningRecoveriesPerAccount: Int

    /// How long to wait before asking again for what needs others to end first.
    package static let pauseWhenFull = Duration.seconds(60)

    /// The shortest and the longest time that a webhook may ask for.
    public static let timeoutRange: ClosedRange<Duration> = .seconds(1) ... .seconds(30)

    /// Creates limits; without arguments, the documented ones.
    ///
    /// - Parameters:
    ///   - webhooksPerAccount: The most webhooks an account may have.
    ///   - deliveriesPerDay: The most deliveries a webhook gets on one UTC day.
    ///   - registrationsPerDay: The most webhooks that an account may register on one UTC day. The product page names no
    ///     bound; the default is ten times the webhooks that an account may have.
    ///   - bodyBytes: The largest body that is sent, in bytes.
    ///   - timeout: How long one attempt may take; ``timeout(asked:)`` brings it into ``timeoutRange``.
    ///   - openDeliveriesPerWebhook: The most deliveries of one webhook that may wait at once. The product page names no
    ///     bound; the default is a hundred days of deliveries, which only an endpoint that stays away reaches.
    ///   - runningRecoveriesPerAccount: The most recoveries of one account that may run at once. The product page names no
    ///     bound; the default is as many as an account may have webhooks.
    public init(
        webhooksPerAccount: Int = 10, deliveriesPerDay: Int = 1000, registrationsPerDay: Int = 100,
        bodyBytes: Int = 10_000_000, timeout: Duration = .seconds(5), openDeliveriesPerWebhook: Int = 100_000,
        runningRecoveriesPerAccount: Int = 10
    ) {
        self.webhooksPerAccount = webhooksPerAccount
        self.deliveriesPerDay = deliveriesPerDay
        self.registrationsPerDay = registrationsPerDay
        self.bodyBytes = bodyBytes
        self.timeout = timeout
        self.openDeliveriesPerWebhook = openDeliveriesPerWebhook
        self.runningRecoveriesPerAccount = runningRecoveriesPerAccount
    }

    /// 10 webhooks an account, 1000 deliveries a webhook and UTC day, 10 000 000 bytes, 5 s.
    ///
    /// Source: the product page, "Webhook Limits".
    public static let documented = WebhookLimits()
}

extension WebhookLimits {
    /// Decides whether an account may have one more webhook.
    ///
    /// - Parameter count: How many it has.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/webhooksPerAccount``.
    public func checkWebhooks(existing count: Int) throws(LimitError) {
        guard count >= webhooksPerAccount else { return }
        throw LimitError(
            .webhooksPerAccount, "The account has \(count) webhooks; the limit is \(webhooksPerAccount)",
            hint: "Delete one that is not needed.")
    }

    /// Decides whether an account may register one more webhook today.
    ///
    /// - Parameters:
    ///   - count: How many it has registered today.
    ///   - until: When the next day begins.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/registrationsPerDay``.
    public func checkRegistrations(today count: Int, until: Timestamp) throws(LimitError) {
        guard count >= registrationsPerDay else { return }
        throw LimitError(
            .registrationsPerDay,
            "The account has registered \(count) webhooks today; the limit is \(registrationsPerDay)",
            hint: "Change a webhook that is there, or wait until \(until).", availableAgain: until)
    }

    /// Decides whether a body may be sent.
    ///
    /// - Parameter count: Its length in bytes.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/bodyBytes``.
    public func checkBody(bytes count: Int) throws(LimitError) {
        guard count > bodyBytes else { return }
        throw LimitError(
            .bodyBytes, "The body has \(count) bytes; the limit is \(bodyBytes)",
            hint: "Send a reference to large data and let the receiver fetch it.")
    }

    /// The refusal of what cannot wait for another day.
    ///
    /// - Parameter until: When the next day begins.
    /// - Returns: ``LimitError`` with code ``LimitError/Code/deliveriesPerDay``.
    public func usedUp(until: Timestamp) -> LimitError {
        LimitError(
            .deliveriesPerDay, "The webhook has had its \(deliveriesPerDay) deliveries of today",
            hint: "There are more from \(until) on.", availableAgain: until)
    }

    /// The refusal of a request that would go past the caps on requests in flight or past a webhook's rate, and of a read of a
    /// history beside as many others as may run.
    ///
    /// - Parameter until: When to try again.
    /// - Returns: ``LimitError`` with code ``LimitError/Code/requestsInFlight``.
    public func busy(until: Timestamp) -> LimitError {
        LimitError(
            .requestsInFlight,
            "As many requests are in flight, or histories are read, as the webhook, its account or the sender may have",
            hint: "Try again in a moment.", availableAgain: until)
    }

    /// Decides how long one attempt may take.
    ///
    /// - Parameter asked: What the webhook asks for; `nil` for the standard.
    /// - Returns: The time.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/timeout``.
    public func timeout(asked: Duration?) throws(LimitError) -> Duration {
        guard let asked else { return min(max(timeout, Self.timeoutRange.lowerBound), Self.timeoutRange.upperBound) }
        guard Self.timeoutRange.contains(asked) else {
            throw LimitError(
                .timeout, "The timeout is not between 1 and 30 seconds", hint: "Leave it out for the standard.")
        }
        return asked
    }

    /// Decides whether one more delivery may wait for a webhook.
    ///
    /// - Parameters:
    ///   - count: How many wait already.
    ///   - until: When to try again; `nil` for what is not tried again.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/openDeliveriesPerWebhook``.
    public func checkBacklog(open count: Int, until: Timestamp? = nil) throws(LimitError) {
        guard count >= openDeliveriesPerWebhook else { return }
        throw LimitError(
            .openDeliveriesPerWebhook,
            "\(count) deliveries wait for the webhook; the limit is \(openDeliveriesPerWebhook)",
            hint: "Repair the endpoint, or disable the webhook; it can be recovered later.", availableAgain: until)
    }

    /// Decides whether one more recovery of an account may run.
    ///
    /// - Parameters:
    ///   - count: How many are running.
    ///   - until: When to try again.
    /// - Throws: ``LimitError`` with code ``LimitError/Code/runningRecoveriesPerAccount``.
    public func checkRecoveries(running count: Int, until: Timestamp) throws(LimitError) {
        guard count >= runningRecoveriesPerAccount else { return }
        throw LimitError(
            .runningRecoveriesPerAccount,
            "\(count) recoveries of the account are running; the limit is \(runningRecoveriesPerAccount)",
            hint: "Wait until one is finished, or cancel one.", availableAgain: until)
    }
}
