internal import WebhookDelivery
package import WebhookEvents

/// One account in a claim.
struct AccountInClaim {
    private static let unreadablePause = Duration.seconds(60)
    /// How long a webhook with an endpoint that is not known to be quick sleeps while the worker has no room for its
    /// class: its requests take longer than this, or the endpoint will soon be known to be quick.
    private static let napOfClass = Duration.milliseconds(500)

    let account: AccountID
    private let nextLeaseEnd: Timestamp?
    private let hasUnreadable: Bool
    var leased: Int
    var webhooks: [WebhookInClaim]
    /// The webhooks that may have more deliveries, the next one first.
    var turns: [Int]
    var wasServed: Bool
    /// Whether the account has used its share of the worker.
    var hasUsedShare = false

    init(_ candidates: AccountCandidates, now: Timestamp) {
        account = candidates.account
        nextLeaseEnd = candidates.nextLeaseEnd
        hasUnreadable = candidates.hasUnreadable
        leased = candidates.leased
        webhooks = candidates.webhooks.map { WebhookInClaim($0, now: now) }
        let places = webhooks.enumerated().filter { $0.element.hasCandidates }.map(\.offset)
        turns = places
        // An account without candidates waits for no turn.
        wasServed = places.isEmpty
    }

    /// Whether something is due for which the worker has no room.
    var isHeldBack: Bool { hasUsedShare || webhooks.contains(where: \.isHeldBack) }

    /// Returns when a claim must visit the account again, and when this worker must claim again even without a wake-up.
    func turn(
        now: Timestamp, _ rules: DeliveryRules, nap: Duration
    ) -> (turn: AccountTurn, nextClaimAt: Timestamp?) {
        let leaseEnd = earliest([nextLeaseEnd] + webhooks.map(\.firstNewLeaseEnd))
        let isAtCap = leased >= rules.maximumInFlightPerAccount
        // Unreadable webhooks are retried regularly, because another worker may be able to read them.
        var dueAt = hasUnreadable ? now + Self.unreadablePause : nil
        var nextClaimAt: Timestamp?
        var isFull = false
        for webhook in webhooks {
            let wait = webhook.wait(
                now: now, rules, accountLeaseEnd: isAtCap ? leaseEnd : nil, accountHasItsShare: hasUsedShare)
            switch wait {
            case .forever: continue
            case .until(let moment):
                dueAt = earliest([dueAt, moment])
                nextClaimAt = earliest([nextClaimAt, moment])
            case .lease(let moment):
                isFull = true
                dueAt = earliest([dueAt, moment])
                nextClaimAt = earliest([nextClaimAt, moment])
            case .place(let moment):
                // A worker without room knows itself when it has room again; other workers may claim immediately.
                let nap = webhook.isClassFull ? max(nap, Self.napOfClass) : nap
                dueAt = earliest([dueAt, moment, webhooks.contains(where: \.isChanged) ? now : now + nap])
                nextClaimAt = earliest([nextClaimAt, moment])
            }
        }
        let turn = AccountTurn(account: account, dueAt: dueAt, isFull: isFull, wasServed: wasServed)
        return (turn, nextClaimAt)
    }
}

/// Returns the earliest of several times.
package func earliest(_ moments: [Timestamp?]) -> Timestamp? { moments.lazy.compactMap(\.self).min() }
