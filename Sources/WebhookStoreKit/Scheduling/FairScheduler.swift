public import WebhookDelivery
public import WebhookEvents

/// Decides which delivery is next: a state machine without clock, for stores with their queue in memory.
///
/// Accounts take turns, and so do the webhooks of an account; of a webhook, the delivery that has been due the longest
/// is first. So an account with a million due deliveries gets no more turns than one with a single delivery. The cost
/// of an operation does not depend on the number of deliveries.
public struct FairScheduler: Sendable {
    /// The webhooks' lanes, by number; the number of a removed webhook is reused, and its lane is empty until then.
    private var lanes: [Lane] = []
    private var numbers: [WebhookID: Int] = [:]
    private var freeNumbers: [Int] = []
    /// How many deliveries of each account are leased, by number.
    private var leased: [Int] = []
    private var accountNumbers: [AccountID: Int] = [:]
    private var accounts: [AccountID] = []
    /// The webhooks with anything due, and those with a first attempt due, which continue while retries are held back.
    private var turns = Turns()
    private var firstTurns = Turns()
    /// When to visit webhooks again; an entry is valid if it is its lane's alarm.
    private var alarms = DueQueue<Int>()
    private var alarmSequence: Int64 = 0
    /// The webhooks that the current claim has skipped, because its worker has no room for their deliveries.
    private var heldBack: [Int] = []
    /// The accounts that the current claim has skipped, because they have used their share of the worker.
    private var accountsHeldBack: [Int] = []

    /// Creates a scheduler without deliveries.
    public init() {}

    /// Returns how many deliveries of a webhook are waiting or leased.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The number.
    public func open(of webhook: WebhookID) -> Int { numbers[webhook].map { lanes[$0].open } ?? 0 }

    /// Returns how many deliveries of a webhook are leased.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The number.
    public func leased(of webhook: WebhookID) -> Int { numbers[webhook].map { lanes[$0].leased } ?? 0 }

    /// Returns how many deliveries of an account are leased.
    ///
    /// - Parameter account: The account.
    /// - Returns: The number.
    public func leased(ofAccount account: AccountID) -> Int { accountNumbers[account].map { leased[$0] } ?? 0 }

    /// Returns the open deliveries of a webhook, and possibly some that have just ended.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: Their identifiers.
    public func deliveries(of webhook: WebhookID) -> Set<DeliveryID> { numbers[webhook].map { lanes[$0].all } ?? [] }

    // MARK: - Changes

    /// Frees the slots of expired leases.
    ///
    /// - Parameter now: The store's time.
    public mutating func advance(to now: Timestamp) { ring(now: now) }

    /// Adds a new delivery; it may already be leased.
    ///
    /// - Parameter delivery: The delivery.
    public mutating func add(_ delivery: Delivery) {
        let number = number(of: delivery)
        lanes[number].add(delivery)
        if delivery.state.status == .leased {
            countLeases(of: number, 1)
            setAlarm(number, delivery.state.dueAt)
        } else {
            look(at: number)
        }
    }

    /// Replaces a webhook's deliveries after many of them changed together.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - deliveries: All open deliveries of the webhook, oldest first.
    public mutating func rebuild(_ webhook: WebhookID, with deliveries: [Delivery]) {
        remove(webhook)
        for delivery in deliveries { add(delivery) }
    }

    /// Updates a delivery after a change.
    ///
    /// A delivery from ``next(at:allowance:rules:standing:)`` was leased or postponed; a leased one was settled,
    /// released or cancelled.
    ///
    /// - Parameter delivery: The delivery in its new state.
    public mutating func changed(_ delivery: Delivery) {
        guard let number = numbers[delivery.webhookID] else { return }
        if lanes[number].leaseEnded(delivery.id) { countLeases(of: number, -1) }
        switch delivery.state.status {
        case .leased:
            lanes[number].lease(delivery)
            countLeases(of: number, 1)
            setAlarm(number, delivery.state.dueAt)
            return
        case .pending: lanes[number].wait(delivery)
        case .succeeded, .failed, .cancelled, .rejected: lanes[number].finish(delivery)
        }
        look(at: number)
    }

    /// Updates a changed webhook, whose gate may have opened.
    ///
    /// - Parameter webhook: The webhook.
    public mutating func look(at webhook: WebhookID) {
        if let number = numbers[webhook] { look(at: number) }
    }

    /// Removes a webhook.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: Its open deliveries, and possibly some that have just ended.
    @discardableResult
    public mutating func remove(_ webhook: WebhookID) -> Set<DeliveryID> {
        guard let number = numbers.removeValue(forKey: webhook) else { return [] }
        let lane = lanes[number]
        countLeases(of: number, -lane.leased)
        lanes[number] = Lane(webhook: webhook, account: lane.account)
        freeNumbers.append(number)
        turns.remove(number, of: lane.account)
        firstTurns.remove(number, of: lane.account)
        // The slots of its leases are free for other webhooks of the account.
        turns.reopen(lane.account)
        firstTurns.reopen(lane.account)
        return lane.all
    }

    // MARK: - Turns

    /// Removes and returns the next delivery; the caller must then pass its new state to ``changed(_:)``.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - allowance: What the claim may still lease.
    ///   - rules: How many deliveries of an account may be leased.
    ///   - standing: Returns a webhook's standing.
    /// - Returns: The delivery, or `nil` if no due delivery may be leased.
    public mutating func next(
        now: Timestamp, allowance: ClaimRequest.Allowance, rules: DeliveryRules,
        standing: (WebhookID) -> Webhook.Standing
    ) -> DeliveryID? {
        ring(now: now)
        let firstsOnly = !allowance.admitsRetries
        while let number = nextTurn(allowance, rules, firstsOnly: firstsOnly) {
            let standing = standing(lanes[number].webhook)
            if case .open(let room) = standing.gate {
                let hasPlace = allowance.admits(standing.pace)
                switch lanes[number].take(now: now, room: room, firstsOnly: firstsOnly, hasPlace: hasPlace) {
                case .delivery(let id):
                    look(at: number)
                    return id
                case .heldBack:
                    heldBack.append(number)
                    continue
                case .nothing: break
                }
            }
            if let next = lanes[number].nextChange(after: now, gate: standing.gate) { setAlarm(number, next) }
        }
        requeueSkipped()
        return nil
    }

    /// Removes and returns the next webhook, of an account that may have more leases.
    private mutating func nextTurn(_ allowance: ClaimRequest.Allowance, _ rules: DeliveryRules, firstsOnly: Bool)
        -> Int?
    {
        let (leased, accounts) = (leased, accounts)
        var passedOver: [Int] = []
        func isFull(_ account: Int) -> Bool {
            if leased[account] >= rules.maximumInFlightPerAccount { return true }
            if allowance.admits(accounts[account]) { return false }
            passedOver.append(account)
            return true
        }
        defer { accountsHeldBack += passedOver }
        return firstsOnly ? firstTurns.next(isFull: isFull) : turns.next(isFull: isFull)
    }

    /// Makes skipped webhooks and accounts available to the next claim, whose worker may have room.
    private mutating func requeueSkipped() {
        for number in heldBack { look(at: number) }
        for account in accountsHeldBack {
            turns.reopen(account)
            firstTurns.reopen(account)
        }
        (heldBack, accountsHeldBack) = ([], [])
    }

    /// Returns when to claim again, at the end of a claim.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - standing: Returns a webhook's standing.
    /// - Returns: The time; `nil` if time alone makes nothing due.
    public mutating func nextChange(
        now: Timestamp, standing: (WebhookID) -> Webhook.Standing
    ) -> Timestamp? {
        requeueSkipped()
        while let alarm = alarms.first {
            let number = alarm.element
            guard lanes[number].alarm == alarm.due else {
                alarms.removeFirst()
                continue
            }
            // A lane's alarm may be too early, if what it was set for has already happened.
            let next = lanes[number].nextChange(after: now, gate: standing(lanes[number].webhook).gate)
            if next == alarm.due { return alarm.due }
            alarms.removeFirst()
            lanes[number].alarm = nil
            if let next {
                setAlarm(number, next)
            } else {
                // If the clock was set, the wait may have ended without an alarm.
                look(at: number)
            }
        }
        return nil
    }

    /// Visits the webhooks whose alarm is due.
    private mutating func ring(now: Timestamp) {
        while let alarm = alarms.first, alarm.due <= now {
            alarms.removeFirst()
            let number = alarm.element
            guard lanes[number].alarm == alarm.due else { continue }
            lanes[number].alarm = nil
            countLeases(of: number, -lanes[number].expireLeases(now: now))
            // The end of the next lease always needs an alarm, because the account may be at its cap until then.
            if let end = lanes[number].firstLeaseEnd { setAlarm(number, end) }
            look(at: number)
        }
    }

    // MARK: - Lanes

    /// Returns the number of a delivery's webhook, adding a lane for it if necessary.
    private mutating func number(of delivery: Delivery) -> Int {
        if let number = numbers[delivery.webhookID] { return number }
        let account = accountNumbers[delivery.accountID, default: leased.count]
        if account == leased.count {
            accountNumbers[delivery.accountID] = account
            accounts.append(delivery.accountID)
            leased.append(0)
        }
        let lane = Lane(webhook: delivery.webhookID, account: account)
        let number = freeNumbers.popLast() ?? lanes.count
        if number == lanes.count { lanes.append(lane) } else { lanes[number] = lane }
        numbers[delivery.webhookID] = number
        return number
    }

    private mutating func look(at number: Int) {
        let account = lanes[number].account
        turns.insert(number, of: account)
        turns.reopen(account)
        firstTurns.insert(number, of: account)
        firstTurns.reopen(account)
    }

    private mutating func countLeases(of number: Int, _ change: Int) {
        leased[lanes[number].account] += change
    }

    private mutating func setAlarm(_ number: Int, _ moment: Timestamp) {
        if let alarm = lanes[number].alarm, alarm <= moment { return }
        lanes[number].alarm = moment
        alarmSequence += 1
        alarms.insert(number, at: moment, sequence: alarmSequence)
        // Replaced alarms stay in the queue; once they are the majority, the queue is rebuilt without them.
        guard alarms.count > 2 * lanes.count + 64 else { return }
        alarms = DueQueue()
        for (number, lane) in lanes.enumerated() {
            if let alarm = lane.alarm { alarms.insert(number, at: alarm, sequence: 0) }
        }
    }
}
