public import WebhookEvents

/// Whose delivery goes next: a state machine without clock, for stores that keep their queue in memory.
///
/// Accounts take turns, and within an account its webhooks do; of one webhook, the delivery that has been due longest goes
/// first. So an account with a million deliveries due takes no more turns than one with a single one. Each operation costs
/// the same whatever the number of deliveries, but for the logarithm of a heap.
public struct FairScheduler: Sendable {
    private var lanes: [WebhookID: Lane] = [:]
    private var leased: [AccountID: Int] = [:]
    /// Webhooks with anything due, and those with a first attempt due: retries may be held back while these go on.
    private var turns = Turns()
    private var firstTurns = Turns()
    private var alarms = DueQueue<WebhookID>()
    private var alarmSequence: Int64 = 0

    /// Creates a scheduler that knows of no delivery.
    public init() {}

    /// How many deliveries of a webhook wait or are leased.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The number.
    public func open(of webhook: WebhookID) -> Int { lanes[webhook]?.open ?? 0 }

    /// How many deliveries of a webhook are leased.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The number.
    public func leased(of webhook: WebhookID) -> Int { lanes[webhook]?.leased ?? 0 }

    /// The open deliveries of a webhook, and perhaps some that have just ended.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: Their names.
    public func deliveries(of webhook: WebhookID) -> Set<DeliveryID> { lanes[webhook]?.all ?? [] }

    // MARK: - What happened

    /// A delivery was made; it may be leased already.
    ///
    /// - Parameter delivery: The delivery.
    public mutating func add(_ delivery: Delivery) {
        lanes[delivery.webhook, default: Lane(account: delivery.account)].add(delivery)
        if delivery.state.status == .leased {
            leased[delivery.account, default: 0] += 1
            setAlarm(delivery.webhook, delivery.state.dueAt)
        } else {
            look(at: delivery.webhook)
        }
    }

    /// Puts a webhook's deliveries in order anew, because many of them changed at once.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - deliveries: All its open deliveries, oldest first.
    public mutating func rebuild(_ webhook: WebhookID, with deliveries: [Delivery]) {
        remove(webhook)
        for delivery in deliveries { add(delivery) }
    }

    /// A delivery that ``next(at:firstsOnly:rules:gate:)`` gave was leased, or was put off; a final one has ended.
    ///
    /// - Parameter delivery: The delivery as it is now.
    public mutating func changed(_ delivery: Delivery) {
        let id = delivery.webhook
        guard let account = lanes[id]?.account else { return }
        if lanes[id]?.leaseEnded(delivery.id) == true { leased[account, default: 1] -= 1 }
        switch delivery.state.status {
        case .leased:
            lanes[id]?.lease(delivery)
            leased[account, default: 0] += 1
            setAlarm(id, delivery.state.dueAt)
            return
        case .pending: lanes[id]?.wait(delivery)
        case .succeeded, .failed, .cancelled, .rejected: lanes[id]?.finish(delivery)
        }
        look(at: id)
    }

    /// A webhook changed: its gate may be open.
    ///
    /// - Parameter webhook: The webhook.
    public mutating func look(at webhook: WebhookID) {
        guard let account = lanes[webhook]?.account else { return }
        turns.insert(webhook, of: account)
        turns.reopen(account)
        firstTurns.insert(webhook, of: account)
        firstTurns.reopen(account)
    }

    /// A webhook is gone.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: Its open deliveries, and perhaps some that have just ended.
    @discardableResult
    public mutating func remove(_ webhook: WebhookID) -> Set<DeliveryID> {
        guard let lane = lanes.removeValue(forKey: webhook) else { return [] }
        leased[lane.account, default: 0] -= lane.leased
        // What it had leased is room for the account's other webhooks.
        turns.reopen(lane.account)
        firstTurns.reopen(lane.account)
        return lane.all
    }

    // MARK: - Whose turn it is

    /// Takes out the delivery whose turn it is; tell ``changed(_:)`` what became of it.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - firstsOnly: Whether retries must wait.
    ///   - rules: How many deliveries of an account may be leased.
    ///   - gate: What a webhook's own gate says.
    /// - Returns: The delivery, or `nil` when nothing is due that may go.
    public mutating func next(
        at now: Timestamp, firstsOnly: Bool, rules: DeliveryRules, gate: (WebhookID) -> Webhook.Gate
    ) -> DeliveryID? {
        ring(at: now)
        let counts = leased
        func isFull(_ account: AccountID) -> Bool { counts[account, default: 0] >= rules.perAccount }
        while let id = firstsOnly ? firstTurns.next(isFull: isFull) : turns.next(isFull: isFull) {
            let gate = gate(id)
            if case .open(let room) = gate,
                let taken = lanes[id]?.take(at: now, room: room, firstsOnly: firstsOnly)
            {
                look(at: id)
                return taken
            }
            if let next = lanes[id]?.nextChange(after: now, gate: gate) { setAlarm(id, next) }
        }
        return nil
    }

    /// When to ask again, after ``next(at:firstsOnly:rules:gate:)`` had nothing.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - gate: What a webhook's own gate says.
    /// - Returns: The moment; `nil` when nothing will be due of its own accord.
    public mutating func nextChange(at now: Timestamp, gate: (WebhookID) -> Webhook.Gate) -> Timestamp? {
        while let alarm = alarms.first {
            guard let lane = lanes[alarm.element], lane.alarm == alarm.due else {
                alarms.removeFirst()
                continue
            }
            // A lane's alarm may be too early: what it was set for has happened.
            let next = lane.nextChange(after: now, gate: gate(alarm.element))
            if next == alarm.due { return alarm.due }
            alarms.removeFirst()
            lanes[alarm.element]?.alarm = nil
            if let next {
                setAlarm(alarm.element, next)
            } else {
                // What it waited for may be over without a moment of its own, because the clock was set.
                look(at: alarm.element)
            }
        }
        return nil
    }

    /// Looks at the webhooks whose alarm has gone off.
    private mutating func ring(at now: Timestamp) {
        while let alarm = alarms.first, alarm.due <= now {
            alarms.removeFirst()
            let id = alarm.element
            guard lanes[id]?.alarm == alarm.due else { continue }
            lanes[id]?.alarm = nil
            if let account = lanes[id]?.account, let expired = lanes[id]?.expireLeases(at: now), expired > 0 {
                leased[account, default: 0] -= expired
            }
            // Whatever the alarm was for, the next lease's end must not be missed: the account may be full until then.
            if let end = lanes[id]?.firstLeaseEnd { setAlarm(id, end) }
            look(at: id)
        }
    }

    private mutating func setAlarm(_ webhook: WebhookID, _ moment: Timestamp) {
        guard let lane = lanes[webhook], lane.alarm.map({ moment < $0 }) ?? true else { return }
        lanes[webhook]?.alarm = moment
        alarmSequence += 1
        alarms.insert(webhook, at: moment, sequence: alarmSequence)
        // Alarms that were replaced by earlier ones stay behind; when they are most of all, only the others are kept.
        guard alarms.count > 2 * lanes.count + 64 else { return }
        alarms = DueQueue()
        for (id, lane) in lanes {
            if let alarm = lane.alarm { alarms.insert(id, at: alarm, sequence: 0) }
        }
    }
}
