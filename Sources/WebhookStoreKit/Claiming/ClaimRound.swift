public import WebhookDelivery
public import WebhookEvents

/// A claim, for stores with their queue in a database: accounts take turns, and so do the webhooks of an account.
///
/// The store passes due deliveries for a few accounts at a time, and writes the changes at the end. Nothing is read or
/// written in between, so a claim needs few round trips to the database.
public struct ClaimRound {
    /// A delivery that was leased, with its webhook at that time.
    public struct Claimed {
        /// The lease.
        public let lease: Lease
        /// The delivery, leased.
        public let delivery: Delivery
        /// The webhook.
        public let webhook: Webhook
        /// How quickly the endpoint responds.
        public let pace: Webhook.EndpointPace.Class
    }

    /// A webhook whose daily quota is exhausted.
    public struct Postponement: Sendable {
        /// How many deliveries one step postpones, so that it takes no longer than a claim.
        private static let step = 1000

        /// Returns how many deliveries of each webhook one step postpones.
        ///
        /// - Parameter webhooks: How many webhooks share the step.
        /// - Returns: The number; at least 1.
        public static func limit(of webhooks: Int) -> Int { max(1, step / max(1, webhooks)) }

        /// The account.
        public let account: AccountID
        /// The webhook.
        public let webhook: WebhookID
        /// When the webhook's uncharged deliveries may start.
        public let until: Timestamp
    }

    /// How long an account sleeps if the worker has no room for its deliveries: a minimum, plus a time for each
    /// sleeping account of the claim, so that thousands of them cost a claim little.
    private static let (shortestNap, napForEach) = (Duration.milliseconds(100), Duration.milliseconds(4))

    private let rules: DeliveryRules
    private let now: Timestamp
    private var allowance: ClaimRequest.Allowance
    private var next: Timestamp?

    /// The deliveries that were leased, in order.
    public private(set) var claimed: [Claimed] = []
    /// The deliveries to write: leased, postponed or rejected.
    public private(set) var changed: [Delivery] = []
    /// The webhooks to write.
    public private(set) var webhooks: [Webhook] = []
    /// The rejected deliveries.
    public private(set) var rejected: [DeliveryID] = []
    /// The webhooks whose due and uncharged deliveries the store must postpone, one step of each.
    public private(set) var postponed: [Postponement] = []
    /// The webhooks whose daily quota this claim exhausted.
    public private(set) var quotaExhausted: [WebhookID] = []

    /// Begins a claim.
    ///
    /// - Parameters:
    ///   - request: What the worker has room for.
    ///   - now: The store's time.
    public init(_ request: ClaimRequest, now: Timestamp) {
        self.rules = request.rules
        self.allowance = ClaimRequest.Allowance(request)
        self.now = now
    }

    /// How many more deliveries the claim may lease.
    public var room: Int { allowance.isExhausted ? 0 : allowance.count }

    /// How many of them may be retries.
    public var roomForRetries: Int { min(room, allowance.retries) }

    /// Returns how many deliveries of a webhook the claim may lease, before its account's share; the rest waits anyway.
    ///
    /// - Parameters:
    ///   - pace: How quickly the endpoint responds.
    ///   - leased: How many deliveries of the webhook are leased.
    /// - Returns: The number; 1 if there is no room, so that the claim sees whether something waits.
    public func limit(for pace: Webhook.EndpointPace.Class, leased: Int = 0) -> Int {
        max(
            1,
            min(
                allowance.room(for: pace),
                min(rules.maximumInFlightPerWebhook, rules.maximumInFlightPerAccount) - leased))
    }

    /// Returns how many deliveries of a webhook are worth reading, before its account's share.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - leased: How many deliveries of the webhook are leased.
    /// - Returns: ``limit(for:leased:)``, and no first attempts if the daily quota is exhausted.
    public func limits(of webhook: Webhook, leased: Int) -> (firsts: Int, retries: Int) {
        let limit = limit(for: webhook.pace.classification(now: now), leased: leased)
        return (webhook.quotaResetsAt(now: now, rules: rules) == nil ? limit : 0, limit)
    }

    /// The daily limit of a webhook's deliveries.
    public var dailyLimit: Int { rules.dailyLimit }

    /// Returns how many deliveries of one webhook are worth reading, so that no account waits for another.
    ///
    /// - Parameters:
    ///   - accounts: How many accounts share the room.
    ///   - webhooks: How many webhooks of the account share it.
    /// - Returns: Twice an even share; the rest is left to later claims.
    public func share(accounts: Int, webhooks: Int) -> Int {
        let ofAccount = max(1, 2 * room / max(1, accounts))
        return max(1, 2 * ofAccount / max(1, webhooks))
    }

    /// Serves accounts in turn.
    ///
    /// - Parameter candidates: The accounts in the order of their turns.
    /// - Returns: When to visit each account again, in the same order.
    public mutating func serve(_ candidates: [AccountCandidates]) -> [AccountTurn] {
        var accounts = candidates.map { AccountInClaim($0, now: now) }
        var progressed = true
        while progressed {
            progressed = false
            for index in accounts.indices where room > 0 {
                if serve(&accounts[index]) { progressed = true }
            }
        }
        let nap = max(Self.shortestNap, Self.napForEach * accounts.count(where: \.isHeldBack))
        return accounts.map { account in
            let turn = account.turn(now: now, rules, nap: nap)
            for webhook in account.webhooks where webhook.isChanged { webhooks.append(webhook.webhook) }
            postponed += account.webhooks.compactMap { $0.postponed(now: now, rules) }
            if let again = turn.nextClaimAt { next = min(next ?? again, again) }
            return turn.turn
        }
    }

    /// Leases one delivery of an account; returns `false` if none can be leased.
    private mutating func serve(_ account: inout AccountInClaim) -> Bool {
        account.wasServed = true
        while account.leased < rules.maximumInFlightPerAccount, !account.turns.isEmpty {
            guard allowance.admits(account.account) else {
                account.hasUsedShare = true
                return false
            }
            let place = account.turns.removeFirst()
            let taken = account.webhooks[place].claimNext(allowance, rules, now: now)
            changed += taken.changed
            rejected += taken.changed.lazy.filter { $0.state.status == .rejected }.map(\.id)
            guard let (delivery, size) = taken.leased else { continue }
            account.turns.append(place)
            account.leased += 1
            let webhook = account.webhooks[place]
            if taken.exhaustsQuota { quotaExhausted.append(delivery.webhookID) }
            allowance.take(size)
            claimed.append(
                Claimed(
                    lease: Lease(of: delivery, token: delivery.state.token), delivery: delivery,
                    webhook: webhook.webhook, pace: size.pace))
            return true
        }
        return false
    }

    /// Returns when the worker must claim again.
    ///
    /// - Parameter waiting: When the first account is due that was not read.
    /// - Returns: The time until then; zero if the room is used up.
    public func nextDue(waiting: Timestamp?) -> Duration? {
        if room == 0 { return .zero }
        return [next, waiting].compactMap(\.self).min().map { max(.zero, $0 - now) }
    }
}
