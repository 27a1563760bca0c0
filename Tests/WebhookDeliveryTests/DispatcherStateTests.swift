import TaskFlowWebhooks
import Testing
import WebhookDelivery
import WebhookStoreKit

@Suite("DispatcherState")
struct DispatcherStateTests {
    static let configuration: Dispatcher.Configuration = {
        var configuration = Dispatcher.Configuration()
        configuration.maximumInFlight = 4
        configuration.firstAttemptSlots = 1
        configuration.pollInterval = .seconds(5)
        configuration.storeBackoff = .milliseconds(100)
        return configuration
    }()

    static func settlement(_ number: Int64) -> Settlement {
        let attempt = Attempt(
            number: 1, startedAt: Timestamp(unixSeconds: 1), duration: .zero, statusCode: 200, errorType: nil)
        return Settlement(
            lease: Lease(deliveryID: "del_1", webhookID: "wh_1", accountID: "acc_1", token: Lease.FencingToken(number)),
            attempt: attempt,
            outcome: .success, decision: .succeed)
    }

    static let slot = DispatcherState.Slot(accountID: "acc_1", bytes: 10, pace: .quick, isRetry: false)

    static func slots(_ count: Int) -> [DispatcherState.Slot] { Array(repeating: slot, count: count) }

    /// A claim of a count of deliveries and retries, while an account has deliveries in flight.
    static func claim(_ count: Int, retries: Int? = nil) -> DispatcherState.Action {
        var request = ClaimRequest(count: count, retries: retries ?? min(count, 3), rules: configuration.rules)
        request.shares = ClaimRequest.AccountShares(count: 4, bytes: configuration.maximumBytesInFlight)
        for _ in count..<4 { request.shares.occupy(bytes: 10, for: "acc_1") }
        let bytes = configuration.maximumBytesInFlight
        request.untried = ClaimRequest.Room(count: 2, bytes: bytes / 2)
        request.slow = ClaimRequest.Room(count: 1, bytes: bytes / 4)
        return .claim(request)
    }

    @Test("It claims as much as there is room for, and reports before it claims again")
    func cycle() {
        var state = DispatcherState(Self.configuration)
        #expect(state.next() == Self.claim(4))
        state.claimed(Self.slots(4), of: 4, nextDueIn: .zero)
        #expect(state.next() == .wait(nil), "no room")
        state.attemptFinished(Self.settlement(1), Self.slot)
        state.attemptFinished(Self.settlement(2), Self.slot)
        #expect(state.next() == .settle([Self.settlement(1), Self.settlement(2)]))
        state.settled(2)
        #expect(state.next() == Self.claim(2))
    }

    @Test("With nothing due, it waits until the next due time, but at most the poll interval")
    func sleeping() {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(1), of: 4, nextDueIn: .seconds(2))
        #expect(state.next() == .wait(.seconds(2)))
        state.wokeUp()
        #expect(state.next() == Self.claim(3))
        state.claimed(Self.slots(0), of: 3, nextDueIn: .seconds(3600))
        #expect(state.next() == .wait(.seconds(5)))
        state.wokeUp()
        state.claimed(Self.slots(0), of: 3, nextDueIn: nil)
        #expect(state.next() == .wait(.seconds(5)))
    }

    @Test("While the store fails, it backs off exponentially and keeps every report, even one refused on its own")
    func backoff() throws {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(2), of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(1), Self.slot)
        var waits: [Duration] = []
        func expectBackOff() {
            guard case .backOff(let duration) = state.next() else {
                Issue.record("no backoff after a failure")
                return
            }
            waits.append(duration)
            state.wokeUp()
            #expect(state.next() == .backOff(duration), "a publish must not shorten the backoff")
            state.timePassed()
        }
        for _ in 0..<3 {
            #expect(state.next() == .settle([Self.settlement(1)]))
            state.reportsFailed()
            expectBackOff()
        }
        // From here on, the report is sent separately, and claims show whether the store is down.
        for _ in 0..<5 {
            #expect(try beside(state.next()).settlements == [Self.settlement(1)])
            state.reportsSeparately("acc_1")
            #expect(state.next() == Self.claim(2), "an account with refused reports is not skipped")
            state.storeFailed()
            #expect(state.reportedSeparately(Self.refusal(1)).isEmpty, "a store that accepts nothing is down")
            expectBackOff()
        }
        let expected: [Duration] = [100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) }
        #expect(waits == expected)
        #expect(try beside(state.next()).settlements == [Self.settlement(1)])
        state.reportsSeparately("acc_1")
        #expect(state.reportedSeparately(Self.outcome([1], settled: 1)).isEmpty)
        #expect(state.next() == Self.claim(3))
    }

    /// The outcome of a call with settlements.
    static func outcome(_ numbers: [Int64], settled: Int = 0, isRefusal: Bool = false) -> DeferredReport.Outcome {
        let report = DeferredReport(
            accountID: "acc_1", settlements: numbers.map(settlement), releases: [], mayWait: true)
        var outcome = DeferredReport.Outcome(report)
        outcome.settled = settled
        (outcome.hasFailed, outcome.isRefusal) = (settled < numbers.count, isRefusal)
        return outcome
    }

    static func refusal(_ numbers: Int64...) -> DeferredReport.Outcome { outcome(numbers, isRefusal: true) }

    private func beside(_ action: DispatcherState.Action) throws -> DeferredReport {
        guard case .reportSeparately(let report) = action else { throw Unexpected(action: action) }
        return report
    }

    @Test(
        "A report that is always refused is sent alone and set aside while the store accepts others without delay"
    )
    func refusedForEver() throws {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(3), of: 4, nextDueIn: nil)
        for number in 1...3 { state.attemptFinished(Self.settlement(Int64(number)), Self.slot) }
        for _ in 0..<3 {
            #expect(state.next() == .settle((1...3).map { Self.settlement($0) }))
            state.reportsFailed()
            state.timePassed()
        }
        let other = DispatcherState.Slot(accountID: "acc_2", bytes: 10, pace: .quick, isRetry: false)
        var (taken, setAside): ([Settlement], [Lease]) = ([], [])
        // The store accepts every report but the first; another account's reports are not delayed.
        for number in 10..<30 where setAside.isEmpty {
            let report = try beside(state.next())
            state.reportsSeparately("acc_1")
            let numbers = report.settlements.map(\.lease.token.rawValue)
            if number > 10 { #expect(numbers.count == 1, "one by one") }
            let isRefused = report.settlements.contains(Self.settlement(1))
            setAside = state.reportedSeparately(
                isRefused ? Self.outcome(numbers, isRefusal: true) : Self.outcome(numbers, settled: numbers.count))
            if !isRefused { taken += report.settlements }
            state.claimed([other], of: 1, nextDueIn: nil)
            state.attemptFinished(Self.settlement(Int64(number)), other)
            #expect(state.next() == .settle([Self.settlement(Int64(number))]))
            state.settled(1)
            state.retryReports()
        }
        #expect(setAside == [Self.settlement(1).lease])
        #expect(taken == [Self.settlement(2), Self.settlement(3)])
        #expect(state.next() == Self.claim(4), "the slot is free")
    }

    @Test(
        "Reports refused in an outage are kept, even by a call that started before its end; then they are sent together"
    )
    func endOfOutage() throws {
        var state = DispatcherState(Self.configuration)
        let other = DispatcherState.Slot(accountID: "acc_2", bytes: 10, pace: .quick, isRetry: false)
        state.claimed(Self.slots(2), of: 4, nextDueIn: nil)
        for number in 1...2 { state.attemptFinished(Self.settlement(Int64(number)), Self.slot) }
        for _ in 0..<3 {
            _ = state.next()
            state.reportsFailed()
            state.timePassed()
        }
        for round in 0..<6 {
            let numbers = try beside(state.next()).settlements.map(\.lease.token.rawValue)
            state.reportsSeparately("acc_1")
            if round == 5 {
                // The store recovers while the call is still waiting.
                state.claimed([other], of: 1, nextDueIn: nil)
                state.attemptFinished(Self.settlement(9), other)
                #expect(state.next() == .settle([Self.settlement(9)]))
                state.settled(1)
            }
            #expect(state.reportedSeparately(Self.outcome(numbers, isRefusal: true)).isEmpty)
            state.retryReports()
        }
        let first = try beside(state.next()).settlements.map(\.lease.token.rawValue)
        #expect(first.count == 1)
        state.reportsSeparately("acc_1")
        #expect(state.reportedSeparately(Self.outcome(first, settled: 1)).isEmpty)
        state.attemptFinished(Self.settlement(3), Self.slot)
        #expect(try beside(state.next()).settlements.count == 2, "together again")
    }

    @Test("If the store accepts claims but no reports, it is down, and nothing is set aside")
    func claimsOnly() throws {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(1), of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(1), Self.slot)
        state.settled(1, busy: [0])
        for _ in 0..<20 {
            _ = try beside(state.next())
            state.reportsSeparately("acc_1")
            #expect(state.reportedSeparately(Self.refusal(1)).isEmpty)
            state.claimed([], of: 3, nextDueIn: nil)
            state.retryReports()
        }
    }

    @Test("If one shard is down, its reports are kept while another shard accepts reports")
    func refusedByShard() throws {
        let router = AccountRouter(shards: 2) { $0 == "acc_1" ? 0 : 1 }
        var state = DispatcherState(Self.configuration, router: router)
        let other = DispatcherState.Slot(accountID: "acc_2", bytes: 10, pace: .quick, isRetry: false)
        state.claimed([Self.slot], of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(1), Self.slot)
        state.settled(1, busy: [0])
        for number in 2..<10 {
            #expect(try beside(state.next()).settlements == [Self.settlement(1)])
            state.reportsSeparately("acc_1")
            #expect(state.reportedSeparately(Self.refusal(1)).isEmpty)
            state.claimed([other], of: 4, nextDueIn: nil)
            state.attemptFinished(Self.settlement(Int64(number)), other)
            #expect(state.next() == .settle([Self.settlement(Int64(number))]), "the other shard continues")
            state.settled(1)
            state.timePassed()
        }
    }

    @Test("Stopping finishes what is in flight and claims nothing more")
    func stopping() {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(2), of: 4, nextDueIn: nil)
        state.stop()
        #expect(state.next() == .wait(nil))
        state.attemptFinished(Self.settlement(1), Self.slot)
        #expect(state.next() == .settle([Self.settlement(1)]))
        state.settled(1)
        state.attemptNotStarted(Release(Self.settlement(2).lease), Self.slot, isLate: true)
        #expect(state.next() == .release([Release(Self.settlement(2).lease)]))
        state.released(1)
        #expect(state.next() == .finish)
    }

    @Test("Stopping does not wait forever for a store that is down")
    func stoppingWithoutStore() {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(1), of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(1), Self.slot)
        state.stop()
        for _ in 0..<Self.configuration.maximumSettleAttemptsAtShutdown {
            #expect(state.next() != .finish)
            state.reportsFailed()
            state.timePassed()
        }
        #expect(state.next() == .finish)
    }

    @Test("A delivery in flight uses the share of its account and the room of its endpoint's class")
    func shares() {
        var configuration = Dispatcher.Configuration()
        (configuration.maximumInFlight, configuration.firstAttemptSlots) = (16, 4)
        (configuration.maximumBytesInFlight, configuration.maximumClaim) = (1600, 8)
        var state = DispatcherState(configuration)
        func request() -> ClaimRequest? { if case .claim(let request) = state.next() { request } else { nil } }
        #expect(request()?.count == 8, "a claim is limited, regardless of the room")
        #expect(request()?.untried == ClaimRequest.Room(count: 8, bytes: 800))
        #expect(request()?.slow == ClaimRequest.Room(count: 4, bytes: 400))
        let slots = [
            DispatcherState.Slot(accountID: "acc_1", bytes: 10, pace: .quick, isRetry: false),
            DispatcherState.Slot(accountID: "acc_1", bytes: 20, pace: .untried, isRetry: false),
            DispatcherState.Slot(accountID: "acc_2", bytes: 40, pace: .slow, isRetry: true),
        ]
        state.claimed(slots, of: 3, nextDueIn: nil)
        #expect(request()?.untried == ClaimRequest.Room(count: 6, bytes: 740))
        #expect(request()?.slow == ClaimRequest.Room(count: 3, bytes: 360))
        #expect(request()?.shares.held(by: "acc_1").count == 2)
        #expect(request()?.shares.held(by: "acc_2").bytes == 40)
        state.attemptFinished(Self.settlement(1), slots[2])
        state.attemptNotStarted(Release(Self.settlement(2).lease, .senderFault), slots[1], isLate: false)
        #expect(state.next() == .settle([Self.settlement(1)]))
        state.settled(1)
        #expect(state.next() == .release([Release(Self.settlement(2).lease, .senderFault)]))
        state.released(1)
        #expect(request()?.untried == ClaimRequest.Room(count: 8, bytes: 800))
        #expect(request()?.shares.used == ClaimRequest.Room(count: 1, bytes: 10))
    }

    @Test("Reports go to the store a few hundred at a time")
    func reports() {
        var configuration = Dispatcher.Configuration()
        configuration.maximumClaim = 1024
        var state = DispatcherState(configuration)
        state.claimed(Self.slots(300), of: 1024, nextDueIn: nil)
        for number in 0..<300 { state.attemptFinished(Self.settlement(Int64(number)), Self.slot) }
        for expected in [256, 44] {
            guard case .settle(let settlements) = state.next() else {
                Issue.record("no reports")
                return
            }
            #expect(settlements.count == expected)
            state.settled(settlements.count)
        }
        guard case .claim = state.next() else {
            Issue.record("not all reports were sent")
            return
        }
    }

    @Test("Reports of a locked account are sent separately, one call at a time, and keep their slots until then")
    func heldAccount() throws {
        var state = DispatcherState(Self.configuration)
        let other = DispatcherState.Slot(accountID: "acc_2", bytes: 10, pace: .quick, isRetry: false)
        state.claimed([Self.slot, Self.slot, other], of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(1), Self.slot)
        state.settled(1, busy: [0])
        func beside() throws -> DeferredReport { try self.beside(state.next()) }
        let first = try beside()
        #expect(first.settlements == [Self.settlement(1)] && first.mayWait)
        state.reportsSeparately("acc_1")

        // Other accounts do not wait, but further reports of the account wait for its call.
        state.attemptFinished(Self.settlement(2), other)
        state.attemptFinished(Self.settlement(3), Self.slot)
        #expect(state.next() == .settle([Self.settlement(2)]))
        state.settled(1)
        guard case .claim(let request) = state.next() else { throw Unexpected(action: state.next()) }
        #expect(request.count == 2 && request.held == ["acc_1"], "the claim skips the locked account")
        state.claimed([], of: 2, nextDueIn: nil)
        #expect(state.next() == .wait(.seconds(5)))

        // The failed call is retried after a while.
        #expect(state.reportedSeparately(Self.outcome([1])).isEmpty)
        #expect(state.next() == .wait(Self.configuration.storeBackoff))
        state.timePassed()
        #expect(try beside().settlements == [Self.settlement(1), Self.settlement(3)])
        state.reportsSeparately("acc_1")
        #expect(state.reportedSeparately(Self.outcome([1, 3], settled: 2)).isEmpty)
        #expect(state.next() == Self.claim(4))
        state.claimed([Self.slot], of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(4), Self.slot)
        #expect(state.next() == .settle([Self.settlement(4)]), "the reports of an unlocked account go with the others")
    }

    @Test("Stopping does not wait forever for a locked account")
    func stoppingWhileHeld() {
        var state = DispatcherState(Self.configuration)
        state.claimed(Self.slots(1), of: 4, nextDueIn: nil)
        state.attemptFinished(Self.settlement(1), Self.slot)
        state.settled(1, busy: [0])
        state.stop()
        for _ in 0..<Self.configuration.maximumSettleAttemptsAtShutdown {
            guard case .reportSeparately(let report) = state.next() else {
                Issue.record("\(state.next()) instead of a retry")
                return
            }
            #expect(!report.mayWait)
            state.reportsSeparately("acc_1")
            #expect(state.reportedSeparately(Self.outcome([1])).isEmpty)
            state.timePassed()
        }
        #expect(state.next() == .finish)
    }

    private struct Unexpected: Error {
        let action: DispatcherState.Action
    }
}
