internal import WebhookDelivery
internal import WebhookEvents

/// One webhook's open deliveries: those that wait, by when they are due, and those that are leased, by when that ends.
///
/// Leases are kept apart because a full set of them must not hide behind the deliveries that wait for a place: when their
/// worker is dead, the leases' end is what makes room.
struct Lane: Sendable {
    private struct Held: Sendable {
        let ends: Timestamp
        let sequence: Int64
        let isRetry: Bool
    }

    /// What must arrive in order: one delivery that may go, and those that wait for its end.
    private struct Chain: Sendable {
        let head: DeliveryID
        var waiting = TurnQueue<Delivery>()
    }

    let webhook: WebhookID
    /// The number of its account.
    let account: Int
    /// When the scheduler looks at the lane again.
    var alarm: Timestamp?
    private var firsts = DueQueue<DeliveryID>()
    private var retries = DueQueue<DeliveryID>()
    private var leases: [DeliveryID: Held] = [:]
    /// When leases end; entries of leases that ended early stay behind until they come up.
    private var leaseEnds = DueQueue<DeliveryID>()
    /// When leases ended whose deliveries wait again, and those among them whose report came after all: what such a
    /// delivery left among those that wait is dropped when it comes up.
    private var lapsed: [DeliveryID: Timestamp] = [:]
    private var stale: [DeliveryID: Timestamp] = [:]
    private var chains: [String: Chain] = [:]
    /// How many deliveries wait or are leased.
    private(set) var open = 0

    init(webhook: WebhookID, account: Int) {
        self.webhook = webhook
        self.account = account
    }

    var leased: Int { leases.count }

    // MARK: - Changes

    /// An open delivery, younger than all before it.
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

    /// A delivery that may go waits until it is due.
    mutating func wait(_ delivery: Delivery) {
        if delivery.state.reason == .workerLost { lapsed[delivery.id] = delivery.state.dueAt }
        push(
            delivery.id, at: delivery.state.dueAt, sequence: delivery.sequence, isRetry: delivery.isRetry)
    }

    mutating func lease(_ delivery: Delivery) {
        let ends = delivery.state.dueAt
        leases[delivery.id] = Held(
            ends: ends, sequence: delivery.sequence, isRetry: delivery.isRetry)
        leaseEnds.insert(delivery.id, at: ends, sequence: delivery.sequence)
    }

    /// A lease was settled, released or cancelled.
    ///
    /// - Returns: Whether there was one.
    mutating func leaseEnded(_ id: DeliveryID) -> Bool {
        let hadOne = leases.removeValue(forKey: id) != nil
        if !lapsed.isEmpty, let ended = lapsed.removeValue(forKey: id) { stale[id] = ended }
        while let first = leaseEnds.first, leases[first.element]?.ends != first.due { leaseEnds.removeFirst() }
        return hadOne
    }

    /// A delivery ended: the next one with its ordering key may go.
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

    // MARK: - Taking

    /// Leases whose time is over make room; their deliveries wait again, due since then.
    ///
    /// - Returns: How many there were.
    mutating func expireLeases(at now: Timestamp) -> Int {
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

    /// What a lane has for a claim.
    enum Take {
        /// This delivery, which is taken out.
        case delivery(DeliveryID)
        /// A delivery for which the worker has no place.
        case heldBack
        /// Nothing that may go.
        case nothing
    }

    /// Takes out the delivery that has been due longest, if the worker has a place for it.
    mutating func take(
        at now: Timestamp, room: Int, firstsOnly: Bool, hasPlace: Bool
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

    /// When something changes of its own accord: a delivery becomes due, or a lease ends.
    func nextChange(after now: Timestamp, gate: Webhook.Gate) -> Timestamp? {
        let waiting = [firsts.first?.due, retries.first?.due].compactMap(\.self)
        let next: Timestamp? =
            switch gate {
            case .stopped: nil
            case .closed(let until): waiting.isEmpty ? nil : until
            case .open(let room): leases.count >= room ? nil : waiting.filter { $0 > now }.min()
            }
        // Leases end whatever the gate says, and make room for the account's other webhooks.
        return [next, firstLeaseEnd].compactMap(\.self).min()
    }

    var firstLeaseEnd: Timestamp? { leaseEnds.first?.due }

    /// All open deliveries, and perhaps some that have ended: entries of late reports stay behind until they come up.
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
