internal import WebhookDelivery
package import WebhookEvents

/// One account's part in a claim.
struct AccountInClaim {
    private static let unreadablePause = Duration.seconds(60)
    /// How long a webhook sleeps whose endpoint is not known to answer soon, while the worker has all of this class that it
    /// may have: those take longer than this, or will soon be known as quick.
    private static let napOfClass = Duration.milliseconds(500)

    let account: AccountID
    private let nextLeaseEnd: Timestamp?
    private let hasUnreadable: Bool
    var leased: Int
    var webhooks: [WebhookInClaim]
    /// The webhooks that may have more, the next one first.
    var turns: [Int]
    var wasServed: Bool
    /// Whether the worker has as much of the account as it may have.
    var hasItsShare = false

    init(_ candidates: AccountCandidates, at now: Timestamp) {
        account = candidates.account
        nextLeaseEnd = candidates.nextLeaseEnd
        hasUnreadable = candidates.hasUnreadable
        leased = candidates.leased
        webhooks = candidates.webhooks.map { WebhookInClaim($0, at: now) }
        let places = webhooks.enumerated().filter { $0.element.hasCandidates }.map(\.offset)
        turns = places
        // There is nothing to wait a turn for.
        wasServed = places.isEmpty
    }

    /// Whether something of it is due for which the worker has no place.
    var isHeldBack: Bool { hasItsShare || webhooks.contains(where: \.isHeldBack) }

    /// When to look at the account again, and when its worker is to come again of its own accord.
    func turn(
        at now: Timestamp, _ rules: DeliveryRules, nap: Duration
    ) -> (turn: AccountTurn, comeAgain: Timestamp?) {
        let leaseEnd = earliest([nextLeaseEnd] + webhooks.map(\.firstNewLeaseEnd))
        let isAtCap = leased >= rules.perAccount
        // What cannot be read is looked at again now and then, by whoever can read it.
        var dueAt = hasUnreadable ? now + Self.unreadablePause : nil
        var comeAgain: Timestamp?
        var isFull = false
        for webhook in webhooks {
            let wait = webhook.wait(
                at: now, rules, accountLeaseEnd: isAtCap ? leaseEnd : nil, accountHasItsShare: hasItsShare)
            switch wait {
            case .forever: continue
            case .until(let moment):
                dueAt = earliest([dueAt, moment])
                comeAgain = earliest([comeAgain, moment])
            case .lease(let moment):
                isFull = true
                dueAt = earliest([dueAt, moment])
                comeAgain = earliest([comeAgain, moment])
            case .place(let moment):
                // A worker with no place for it knows itself when it has one again; others may come at once.
                let nap = webhook.isClassFull ? max(nap, Self.napOfClass) : nap
                dueAt = earliest([dueAt, moment, webhooks.contains(where: \.isChanged) ? now : now + nap])
                comeAgain = earliest([comeAgain, moment])
            }
        }
        let turn = AccountTurn(account: account, dueAt: dueAt, isFull: isFull, wasServed: wasServed)
        return (turn, comeAgain)
    }
}

/// The first of some moments.
package func earliest(_ moments: [Timestamp?]) -> Timestamp? { moments.lazy.compactMap(\.self).min() }
