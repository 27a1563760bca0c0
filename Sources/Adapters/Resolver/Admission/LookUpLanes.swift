#if HTTPTransport || AsyncHTTPClient
internal import WebhookEvents
internal import WebhookLimits

/// The places for look-ups: half for names that resolved lately, half for all others, so that any number of unknown names
/// leaves known ones their places.
struct LookUpLanes: Sendable {
    private var known: Lane
    private var unknown: Lane

    init(capacity: Int) {
        known = Lane(capacity: capacity / 2)
        unknown = Lane(capacity: capacity / 2)
    }

    /// Whether an account may have another place for a domain that has none.
    func allows(_ line: LookUpQueue.Line) -> Bool {
        (line.isKnown ? known : unknown).accounts.allows(for: line.account)
    }

    /// Takes a place, if both the account and the domain may have it.
    mutating func take(_ line: LookUpQueue.Line, _ domain: String) -> Bool {
        line.isKnown ? known.take(line.account, domain) : unknown.take(line.account, domain)
    }

    /// Gives a place back.
    mutating func giveBack(_ line: LookUpQueue.Line, _ domain: String) {
        if line.isKnown { known.giveBack(line.account, domain) } else { unknown.giveBack(line.account, domain) }
    }
}

/// One half of the places, shared out by account and by parent domain.
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
