internal import WebhookDelivery
internal import WebhookEvents

/// The open deliveries of one webhook: the waiting ones by due time, and the leased ones by the end of their leases.
///
/// Leases are kept separately, so that they are not queued behind deliveries that wait for a slot: if the worker has
/// crashed, only the end of its leases frees slots.
struct Lane: Sendable {
    private struct Held: Sendable {
        let ends: Timestamp
        let sequence: Int64
        let isRetry: Bool
    }

    /// The deliveries with one ordering key: one that may be leased, and those that wait for it to end.
    private struct Chain: Sendable {
        let head: DeliveryID
        var waiting = TurnQueue<Delivery>()
    }

    let webhook: WebhookID
    /// The account's number.
    let account: Int
    /// When the scheduler visits the lane again.
    var alarm: Timestamp?
    private var firsts = DueQueue<DeliveryID>()
    private var retries = DueQueue<DeliveryID>()
    private var leases: [DeliveryID: Held] = [:]
    /// The ends of leases; entries of leases that ended early stay until they are due.
    private var leaseEnds = DueQueue<DeliveryID>()
    /// When leases expired whose deliveries wait again, and those whose report then arrived late.
    ///
    /// Entries of the latter among the waiting deliveries are dropped when they come up.
    private var lapsed: [DeliveryID: Timestamp] = [:]
    private var stale: [DeliveryID: Timestamp] = [:]
    private var chains: [String: Chain] = [:]
    /// How many deliveries are waiting or leased.
    private(set) var open = 0

    init(webhook: WebhookID, account: Int) {
        self.webhook = webhook
        self.account = account
    }

    var leased: Int { leases.count }

    // MARK: - Changes

    /// Adds an open delivery, newer than all others.
    mutating func add(_ delivery: Delivery) {
        open += 1
        if let key = delivery.orderingKey {
            guard chains[key] == nil else {
                chains[key]?.waiting.append(delivery)
                return
            }
            chains[key] = Chain(head: delivery.id)
        }
        if delivery.state.status == .leased { lease(delivery) } else { wait(delivery) }
    }

    /// Makes a delivery wait until it is due.
    mutating func wait(_ delivery: Delivery) {
        if delivery.state.reason == .leaseExpired { lapsed[delivery.id] = delivery.state.dueAt }
        push(
            delivery.id, at: delivery.state.dueAt, sequence: delivery.sequence, isRetry: delivery.isRetry)
    }

    mutating func lease(_ delivery: Delivery) {
        let ends = delivery.state.dueAt
        leases[delivery.id] = Held(
            ends: ends, sequence: delivery.sequence, isRetry: delivery.isRetry)
        leaseEnds.insert(delivery.id, at: ends, sequence: delivery.sequence)
    }

    /// Removes the lease of a delivery that was settled, released or cancelled.
    ///
    /// - Returns: Whether there was a lease.
    mutating func leaseEnded(_ id: DeliveryID) -> Bool {
        let hadOne = leases.removeValue(forKey: id) != nil
        if !lapsed.isEmpty, let ended = lapsed.removeValue(forKey: id) { stale[id] = ended }
        while let first = leaseEnds.first, leases[first.element]?.ends != first.due { leaseEnds.removeFirst() }
        return hadOne
    }

    /// Removes a delivery that ended; the next one with its ordering key may then be leased.
    mutating func finish(_ delivery: Delivery) {
        open -= 1
        guard let key = delivery.orderingKey, var chain = chains[key], chain.head == delivery.id else { return }
        guard let next = chain.waiting.popFirst() else {
            chains[key] = nil
            return
        }
        chain = Chain(head: next.id, waiting: chain.waiting)
        chains[key] = chain
        wait(next)
    }

    // MARK: - Claims

    /// Expires leases, so that their deliveries wait again, due since then.
    ///
    /// - Returns: How many leases expired.
    mutating func expireLeases(now: Timestamp) -> Int {
        var expired = 0
        while let first = leaseEnds.first, first.due <= now {
            leaseEnds.removeFirst()
            guard let held = leases[first.element], held.ends == first.due else { continue }
            leases[first.element] = nil
            lapsed[first.element] = held.ends
            push(first.element, at: held.ends, sequence: held.sequence, isRetry: held.isRetry)
            expired += 1
        }
        return expired
    }

    /// The result of taking a delivery from a lane.
    enum Take {
        /// This delivery, which was removed.
        case delivery(DeliveryID)
        /// No delivery, because the worker has no room for the one that is due.
        case heldBack
        /// No delivery, because none may be leased.
        case nothing
    }

    /// Removes and returns the longest due delivery, if the worker has room for it.
    mutating func take(
        now: Timestamp, room: Int, firstsOnly: Bool, hasPlace: Bool
    ) -> Take {
        guard leases.count < room else { return .nothing }
        dropStale()
        let first = firsts.first.flatMap { $0.due <= now ? $0 : nil }
        let retry = firstsOnly ? nil : retries.first.flatMap { $0.due <= now ? $0 : nil }
        let isRetry: Bool
        switch (first, retry) {
        case (nil, nil): return .nothing
        case (let first?, let retry?): isRetry = retry.precedes(first)
        case (nil, _): isRetry = true
        default: isRetry = false
        }
        guard let next = (isRetry ? retry : first)?.element else { return .nothing }
        guard hasPlace else { return .heldBack }
        if isRetry { retries.removeFirst() } else { firsts.removeFirst() }
        if !lapsed.isEmpty { lapsed[next] = nil }
        return .delivery(next)
    }

    private mutating func dropStale() {
        guard !stale.isEmpty else { return }
        while let first = firsts.first, stale[first.element] == first.due {
            stale[first.element] = nil
            firsts.removeFirst()
        }
        while let first = retries.first, stale[first.element] == first.due {
            stale[first.element] = nil
            retries.removeFirst()
        }
    }

    /// Returns when time alone changes something: a delivery becomes due, or a lease ends.
    func nextChange(after now: Timestamp, gate: Webhook.Gate) -> Timestamp? {
        let waiting = [firsts.first?.due, retries.first?.due].compactMap(\.self)
        let next: Timestamp? =
            switch gate {
            case .stopped: nil
            case .closed(let until): waiting.isEmpty ? nil : until
            case .open(let room): leases.count >= room ? nil : waiting.filter { $0 > now }.min()
            }
        // Leases end regardless of the gate, and then free slots for the account's other webhooks.
        return [next, firstLeaseEnd].compactMap(\.self).min()
    }

    var firstLeaseEnd: Timestamp? { leaseEnds.first?.due }

    /// All open deliveries, and possibly some that have ended, because entries of late reports stay until they are due.
    var all: Set<DeliveryID> {
        var all = Set(firsts.elements + retries.elements)
        all.formUnion(leases.keys)
        for chain in chains.values { all.formUnion(chain.waiting.remaining.map(\.id)) }
        return all
    }

    private mutating func push(_ id: DeliveryID, at due: Timestamp, sequence: Int64, isRetry: Bool) {
        if isRetry {
            retries.insert(id, at: due, sequence: sequence)
        } else {
            firsts.insert(id, at: due, sequence: sequence)
        }
    }
}
