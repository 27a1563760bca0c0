#if HTTPTransport || AsyncHTTPClient
internal import WebhookEvents
internal import WebhookLimits

/// The slots for look-ups, half for names that resolved recently and half for all others.
///
/// Unknown names, however many, leave known names their slots.
struct LookupLanes: Sendable {
    private var known: Lane
    private var unknown: Lane

    init(capacity: Int) {
        known = Lane(capacity: capacity / 2)
        unknown = Lane(capacity: capacity / 2)
    }

    /// Returns whether an account may have another slot, for a domain that has none.
    func allows(_ line: LookupQueue.Line) -> Bool {
        (line.isKnown ? known : unknown).accounts.allows(for: line.account)
    }

    /// Takes a slot if both the account and the domain may have another one.
    mutating func take(_ line: LookupQueue.Line, _ domain: String) -> Bool {
        line.isKnown ? known.take(line.account, domain) : unknown.take(line.account, domain)
    }

    /// Returns a slot.
    mutating func giveBack(_ line: LookupQueue.Line, _ domain: String) {
        if line.isKnown { known.giveBack(line.account, domain) } else { unknown.giveBack(line.account, domain) }
    }
}

/// One half of the slots, shared fairly by account and by parent domain.
private struct Lane: Sendable {
    var accounts: FairShare<AccountID?>
    private var domains: FairShare<String>

    init(capacity: Int) {
        accounts = FairShare(capacity: capacity)
        domains = FairShare(capacity: capacity)
    }

    mutating func take(_ account: AccountID?, _ domain: String) -> Bool {
        guard accounts.allows(for: account), domains.take(for: domain) else { return false }
        accounts.occupy(for: account)
        return true
    }

    mutating func giveBack(_ account: AccountID?, _ domain: String) {
        accounts.giveBack(for: account)
        domains.giveBack(for: domain)
    }
}
#endif
