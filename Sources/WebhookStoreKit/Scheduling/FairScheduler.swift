public import WebhookDelivery
public import WebhookEvents

/// Whose delivery goes next: a state machine without clock, for stores that keep their queue in memory.
///
/// Accounts take turns, and within an account its webhooks do; of one webhook, the delivery that has been due longest goes
/// first. So an account with a million deliveries due takes no more turns than one with a single one. Each operation costs
/// the same whatever the number of deliveries.
public struct FairScheduler: Sendable {
    /// The webhooks' lanes, by number; a number is given away again when its webhook is gone, and its lane is empty until then.
    private var lanes: [Lane] = []
    private var numbers: [WebhookID: Int] = [:]
    private var freeNumbers: [Int] = []
    /// How many deliveries of an account are leased, by number.
    private var leased: [Int] = []
    private var accountNumbers: [AccountID: Int] = [:]
    private var accounts: [AccountID] = []
    /// Webhooks with anything due, and those with a first attempt due: retries may be held back while these go on.
    private var turns = Turns()
    private var firstTurns = Turns()
    /// When webhooks are looked at again; an entry counts if it is its lane's alarm.
    private var alarms = DueQueue<Int>()
    private var alarmSequence: Int64 = 0
    /// Webhooks that the claim under way has passed over, because its worker has no place for what they have.
    private var heldBack: [Int] = []
    /// Accounts that it has passed over, because they have their share of the worker.
    private var accountsHeldBack: [Int] = []

    /// Creates a scheduler that knows of no delivery.
    public init() {}

    /// How many deliveries of a webhook wait or are leased.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The number.
    public func open(of webhook: WebhookID) -> Int { numbers[webhook].map { lanes[$0].open } ?? 0 }

    /// How many deliveries of a webhook are leased.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: The number.
    public func leased(of webhook: WebhookID) -> Int { numbers[webhook].map { lanes[$0].leased } ?? 0 }

    /// How many deliveries of an account are leased.
    ///
    /// - Parameter account: The account.
    /// - Returns: The number.
    public func leased(ofAccount account: AccountID) -> Int { accountNumbers[account].map { leased[$0] } ?? 0 }

    /// The open deliveries of a webhook, and perhaps some that have just ended.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: Their names.
    public func deliveries(of webhook: WebhookID) -> Set<DeliveryID> { numbers[webhook].map { lanes[$0].all } ?? [] }

    // MARK: - What happened

    /// Time has passed: leases that ended count no more.
    ///
    /// - Parameter now: The store's time.
    public mutating func advance(to now: Timestamp) { ring(at: now) }

    /// A delivery was made; it may be leased already.
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

    /// Puts a webhook's deliveries in order anew, because many of them changed at once.
    ///
    /// - Parameters:
    ///   - webhook: The webhook.
    ///   - deliveries: All its open deliveries, oldest first.
    public mutating func rebuild(_ webhook: WebhookID, with deliveries: [Delivery]) {
        remove(webhook)
        for delivery in deliveries { add(delivery) }
    }

    /// A delivery that ``next(at:allowance:rules:standing:)`` gave was leased, or was put off; a final one has ended.
    ///
    /// - Parameter delivery: The delivery as it is now.
    public mutating func changed(_ delivery: Delivery) {
        guard let number = numbers[delivery.webhook] else { return }
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

    /// A webhook changed: its gate may be open.
    ///
    /// - Parameter webhook: The webhook.
    public mutating func look(at webhook: WebhookID) {
        if let number = numbers[webhook] { look(at: number) }
    }

    /// A webhook is gone.
    ///
    /// - Parameter webhook: The webhook.
    /// - Returns: Its open deliveries, and perhaps some that have just ended.
    @discardableResult
    public mutating func remove(_ webhook: WebhookID) -> Set<DeliveryID> {
        guard let number = numbers.removeValue(forKey: webhook) else { return [] }
        let lane = lanes[number]
        countLeases(of: number, -lane.leased)
        lanes[number] = Lane(webhook: webhook, account: lane.account)
        freeNumbers.append(number)
        turns.remove(number, of: lane.account)
        firstTurns.remove(number, of: lane.account)
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
    ///   - allowance: What the claim may still take.
    ///   - rules: How many deliveries of an account may be leased.
    ///   - standing: Where a webhook stands.
    /// - Returns: The delivery, or `nil` when nothing is due that may go.
    public mutating func next(
        at now: Timestamp, allowance: ClaimAllowance, rules: DeliveryRules, standing: (WebhookID) -> Webhook.Standing
    ) -> DeliveryID? {
        ring(at: now)
        let firstsOnly = !allowance.admitsRetries
        while let number = nextTurn(allowance, rules, firstsOnly: firstsOnly) {
            let standing = standing(lanes[number].webhook)
            if case .open(let room) = standing.gate {
                let hasPlace = allowance.admits(standing.pace)
                switch lanes[number].take(at: now, room: room, firstsOnly: firstsOnly, hasPlace: hasPlace) {
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
        takeUpHeldBack()
        return nil
    }

    /// Takes out the webhook whose turn it is, of an account that may have more.
    private mutating func nextTurn(_ allowance: ClaimAllowance, _ rules: DeliveryRules, firstsOnly: Bool) -> Int? {
        let (leased, accounts) = (leased, accounts)
        var passedOver: [Int] = []
        func isFull(_ account: Int) -> Bool {
            if leased[account] >= rules.perAccount { return true }
            if allowance.admits(accounts[account]) { return false }
            passedOver.append(account)
            return true
        }
        defer { accountsHeldBack += passedOver }
        return firstsOnly ? firstTurns.next(isFull: isFull) : turns.next(isFull: isFull)
    }

    /// The next claim may have a place for what this one had none for.
    private mutating func takeUpHeldBack() {
        for number in heldBack { look(at: number) }
        for account in accountsHeldBack {
            turns.reopen(account)
            firstTurns.reopen(account)
        }
        (heldBack, accountsHeldBack) = ([], [])
    }

    /// When to ask again, at the end of a claim.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - standing: Where a webhook stands.
    /// - Returns: The moment; `nil` when nothing will be due of its own accord.
    public mutating func nextChange(
        at now: Timestamp, standing: (WebhookID) -> Webhook.Standing
    ) -> Timestamp? {
        takeUpHeldBack()
        while let alarm = alarms.first {
            let number = alarm.element
            guard lanes[number].alarm == alarm.due else {
                alarms.removeFirst()
                continue
            }
            // A lane's alarm may be too early: what it was set for has happened.
            let next = lanes[number].nextChange(after: now, gate: standing(lanes[number].webhook).gate)
            if next == alarm.due { return alarm.due }
            alarms.removeFirst()
            lanes[number].alarm = nil
            if let next {
                setAlarm(number, next)
            } else {
                // What it waited for may be over without a moment of its own, because the clock was set.
                look(at: number)
            }
        }
        return nil
    }

    /// Looks at the webhooks whose alarm has gone off.
    private mutating func ring(at now: Timestamp) {
        while let alarm = alarms.first, alarm.due <= now {
            alarms.removeFirst()
            let number = alarm.element
            guard lanes[number].alarm == alarm.due else { continue }
            lanes[number].alarm = nil
            countLeases(of: number, -lanes[number].expireLeases(at: now))
            // Whatever the alarm was for, the next lease's end must not be missed: the account may be full until then.
            if let end = lanes[number].firstLeaseEnd { setAlarm(number, end) }
            look(at: number)
        }
    }

    // MARK: - By number

    /// The number of a delivery's webhook, with a lane of its own from now on.
    private mutating func number(of delivery: Delivery) -> Int {
        if let number = numbers[delivery.webhook] { return number }
        let account = accountNumbers[delivery.account, default: leased.count]
        if account == leased.count {
            accountNumbers[delivery.account] = account
            accounts.append(delivery.account)
            leased.append(0)
        }
        let lane = Lane(webhook: delivery.webhook, account: account)
        let number = freeNumbers.popLast() ?? lanes.count
        if number == lanes.count { lanes.append(lane) } else { lanes[number] = lane }
        numbers[delivery.webhook] = number
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
        // Alarms that were replaced by earlier ones stay behind; when they are most of all, only the others are kept.
        guard alarms.count > 2 * lanes.count + 64 else { return }
        alarms = DueQueue()
        for (number, lane) in lanes.enumerated() {
            if let alarm = lane.alarm { alarms.insert(number, at: alarm, sequence: 0) }
        }
    }
}
