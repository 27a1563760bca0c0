#if HTTPTransport || AsyncHTTPClient
import TaskFlowWebhooks
import WebhookResolver

/// A table of look-ups with a manual clock, and the effects that the table has returned.
struct LookUpBench {
    private var table: LookupTable
    private(set) var now = ContinuousClock.now
    private var lastID: UInt64 = 0
    private var numbers: [String: UInt64] = [:]
    /// The look-ups in flight, in the order of their start.
    private(set) var running: [String] = []
    /// The look-ups that were cancelled and have not ended.
    private(set) var cancelled: [String] = []
    /// The names whose look-up began while a stale answer was available.
    private(set) var startedWithStale: Set<String> = []
    private(set) var answers: [UInt64: Result<LookupAnswer, TransportError>] = [:]

    static let address = IPAddress(v4: 0x0808_0808)

    init(inFlight: Int = 256, waiting: Int = 4096, answerLifetime: Duration = .seconds(30)) {
        var limits = LookupLimits()
        limits.inFlight = inFlight
        limits.waiting = waiting
        limits.answerLifetime = answerLifetime
        table = LookupTable(limits)
    }

    var waitingCount: Int { table.waitingCount }
    var runningCount: Int { table.runningCount }
    var rememberedCount: Int { table.rememberedCount }

    func addresses(_ id: UInt64) -> [IPAddress]? { try? answers[id]?.get().addresses }

    func failure(_ id: UInt64) -> TransportFailure? {
        if case .failure(let error) = answers[id] { error.failure } else { nil }
    }

    // MARK: - Events

    @discardableResult mutating func ask(_ name: String, _ account: AccountID? = nil) -> UInt64 {
        lastID += 1
        perform(table.ask(lastID, name, account, now))
        return lastID
    }

    mutating func cancel(_ id: UInt64) { perform(table.cancel(id, now)) }

    mutating func expire(_ id: UInt64) { perform(table.expire(id, now)) }

    mutating func late(_ name: String) { perform(table.late(name, numbers[name] ?? 0, now)) }

    mutating func wait(_ duration: Duration) { now += duration }

    mutating func resolve(_ name: String, to addresses: [IPAddress] = [address]) { end(name, .success(addresses)) }

    mutating func fail(_ name: String, _ failure: TransportFailure) {
        end(name, .failure(TransportError(failure, "scripted")))
    }

    /// Ends the look-up of a cancelled name.
    mutating func endCancelled(_ name: String) { end(name, nil) }

    private mutating func end(_ name: String, _ result: Result<[IPAddress], TransportError>?) {
        running.removeAll { $0 == name }
        cancelled.removeAll { $0 == name }
        perform(table.ended(name, result, now))
    }

    private mutating func perform(_ effects: [LookupTable.Effect]) {
        for effect in effects {
            switch effect {
            case .start(let name, let number, let hasStale):
                running.append(name)
                numbers[name] = number
                if hasStale { startedWithStale.insert(name) }
            case .cancel(let name): cancelled.append(name)
            case .answer(let id, let result): answers[id] = result
            }
        }
    }
}
#endif
