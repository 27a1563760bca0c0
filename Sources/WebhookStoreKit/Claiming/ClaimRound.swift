package import WebhookDelivery
package import WebhookEvents

/// A claim, for stores that keep their queue in a database: accounts take turns, and within an account its webhooks do.
///
/// The store hands over what is due, a few accounts at a time, and writes what has changed. Nothing is read and nothing
/// is written in between, so that a claim costs a database few round trips.
package struct ClaimRound {
    /// A delivery that was leased, with its webhook as it was then.
    package struct Claimed {
        package let lease: Lease
        package let delivery: Delivery
        package let webhook: Webhook
        package let pace: EndpointPace.Class
    }

    /// A webhook whose day is used up.
    package struct PutOff: Sendable {
        /// How many deliveries the step of a claim puts off: others of the database wait no longer than for a claim.
        private static let step = 1000

        /// How many of a webhook one step puts off.
        package static func limit(of webhooks: Int) -> Int { max(1, step / max(1, webhooks)) }

        package let account: AccountID
        package let webhook: WebhookID
        /// When its deliveries may begin that are not charged yet.
        package let until: Timestamp
    }

    /// How long an account sleeps when the worker has no place for what it has: the shortest time, and more for each
    /// account of a claim that sleeps, so that thousands of them cost a claim little.
    private static let (shortestNap, napForEach) = (Duration.milliseconds(100), Duration.milliseconds(4))

    private let rules: DeliveryRules
    private let now: Timestamp
    private var allowance: ClaimAllowance
    private var next: Timestamp?

    /// The deliveries that were leased, in order.
    package private(set) var claimed: [Claimed] = []
    /// The deliveries to write: leased, put off, or out.
    package private(set) var changed: [Delivery] = []
    /// The webhooks to write.
    package private(set) var webhooks: [Webhook] = []
    /// The deliveries that are out.
    package private(set) var rejected: [DeliveryID] = []
    /// The webhooks whose deliveries that are due and not charged the store is to put off, a step of them each.
    package private(set) var putOff: [PutOff] = []
    /// The webhooks whose day was used up.
    package private(set) var usedUp: [WebhookID] = []

    package init(_ request: ClaimRequest, at now: Timestamp) {
        self.rules = request.rules
        self.allowance = ClaimAllowance(request)
        self.now = now
    }

    /// How many more may be taken.
    package var room: Int { allowance.isExhausted ? 0 : allowance.count }

    /// How many more of them may be retries.
    package var roomForRetries: Int { min(room, allowance.retries) }

    /// How many deliveries of a webhook it may take at most, but for its account's share; what is due beyond it waits anyway.
    ///
    /// - Parameters:
    ///   - pace: How soon its endpoint answers.
    ///   - leased: How many it has in flight.
    /// - Returns: The number; 1 where there is no room, so that it is known whether something waits.
    package func limit(for pace: EndpointPace.Class, leased: Int = 0) -> Int {
        max(1, min(allowance.room(for: pace), min(rules.perWebhook, rules.perAccount) - leased))
    }

    /// How many deliveries of a webhook are worth looking at, but for its account's share.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - leased: How many it has in flight.
    /// - Returns: ``limit(for:leased:)``, and no first attempts when its day is used up.
    package func limits(of webhook: Webhook, leased: Int) -> (firsts: Int, retries: Int) {
        let limit = limit(for: webhook.pace.classification(at: now), leased: leased)
        return (webhook.beginsAgain(at: now, rules: rules) == nil ? limit : 0, limit)
    }

    /// The deliveries of a webhook that may begin on one day.
    package var dailyLimit: Int { rules.dailyLimit }

    /// How many deliveries of one webhook are worth looking at, so that no account has to wait for another.
    ///
    /// - Parameters:
    ///   - accounts: How many accounts share the room.
    ///   - webhooks: How many webhooks of the account do.
    /// - Returns: Twice an even share; the rest comes next time.
    package func share(accounts: Int, webhooks: Int) -> Int {
        let ofAccount = max(1, 2 * room / max(1, accounts))
        return max(1, 2 * ofAccount / max(1, webhooks))
    }

    /// Gives accounts their turns.
    ///
    /// - Parameter candidates: The accounts, in the order of their turns.
    /// - Returns: When to look at each again, in the same order.
    package mutating func serve(_ candidates: [AccountCandidates]) -> [AccountTurn] {
        var accounts = candidates.map { AccountInClaim($0, at: now) }
        var progressed = true
        while progressed {
            progressed = false
            for index in accounts.indices where room > 0 {
                if serve(&accounts[index]) { progressed = true }
            }
        }
        let nap = max(Self.shortestNap, Self.napForEach * accounts.count(where: \.isHeldBack))
        return accounts.map { account in
            let turn = account.turn(at: now, rules, nap: nap)
            for webhook in account.webhooks where webhook.isChanged { webhooks.append(webhook.webhook) }
            putOff += account.webhooks.compactMap { $0.putOff(at: now, rules) }
            if let again = turn.comeAgain { next = min(next ?? again, again) }
            return turn.turn
        }
    }

    /// Gives an account one delivery, if it has one that may go.
    private mutating func serve(_ account: inout AccountInClaim) -> Bool {
        account.wasServed = true
        while account.leased < rules.perAccount, !account.turns.isEmpty {
            guard allowance.admits(account.account) else {
                account.hasItsShare = true
                return false
            }
            let place = account.turns.removeFirst()
            let taken = account.webhooks[place].claimNext(allowance, rules, at: now)
            changed += taken.changed
            rejected += taken.changed.lazy.filter { $0.state.status == .rejected }.map(\.id)
            guard let (delivery, size) = taken.leased else { continue }
            account.turns.append(place)
            account.leased += 1
            let webhook = account.webhooks[place]
            if taken.isLastOfDay { usedUp.append(delivery.webhook) }
            allowance.take(size)
            claimed.append(
                Claimed(
                    lease: Lease(of: delivery, token: delivery.state.token), delivery: delivery,
                    webhook: webhook.webhook, pace: size.pace))
            return true
        }
        return false
    }

    /// When to come again.
    ///
    /// - Parameter waiting: When the first account is due that was not looked at.
    /// - Returns: How long until then; zero when the room was used up.
    package func nextDue(waiting: Timestamp?) -> Duration? {
        if room == 0 { return .zero }
        return [next, waiting].compactMap(\.self).min().map { max(.zero, $0 - now) }
    }
}
