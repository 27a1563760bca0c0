#if HTTPTransport && PostgreSQL && SQLite
import TaskFlowWebhooks

/// Publishes, claims and settles without sending anything, as fast as the store allows: the cost of a delivery in the
/// store.
struct Cycle {
    private let place: StoreLocation
    private let events: Int
    private let accounts: Int
    private let batch: Int
    private let workers: Int
    private let phase: String?
    private let most: Int
    private let clock = SystemClock()

    init(_ place: StoreLocation, _ arguments: inout Arguments) {
        self.place = place
        events = arguments.number("--events", or: 20_000)
        accounts = arguments.number("--accounts", or: 64)
        batch = arguments.number("--batch", or: 64)
        workers = arguments.number("--workers", or: 2)
        phase = arguments.option("--phase")
        most = arguments.number("--most", or: .max)
    }

    func run() async throws {
        let store = try await place.open()
        let service = WebhookService(
            store: store, transport: NoTransport(), clock: clock, random: SystemRandomSource(),
            limits: ServiceLimits(deliveriesPerDay: .max, openDeliveriesPerWebhook: .max))
        for number in 0..<accounts {
            let account = AccountID(unchecked: "bench_\(number)")
            guard try await service.webhooks(of: account).isEmpty else { continue }
            try await service.register(
                WebhookRegistration(url: "https://example.com/hook", events: [.all], secret: .generate()),
                account: account)
        }
        let prefix = "evt_\(clock.now.microseconds)"
        let published = try await time { if phase != "work" { try await publish(service, prefix) } }
        var worked = 0
        let working = try await time { if phase != "publish" { worked = try await work(store) } }
        print(
            """
            {"published": \(events), "publish_us": \(published / .microseconds(events)), \
            "worked": \(worked), "work_us": \(working / .microseconds(max(1, worked)))}
            """)
    }

    private func time(_ body: () async throws -> Void) async throws -> Duration {
        let begin = clock.uptime
        try await body()
        return clock.uptime - begin
    }

    /// Publishes bodies of about 1 KB, a batch of concurrent calls at a time.
    private func publish(_ service: WebhookService, _ prefix: String) async throws {
        let (accounts, events, batch) = (accounts, events, batch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for publisher in 0..<batch {
                group.addTask { @concurrent in
                    for number in stride(from: publisher, to: events, by: batch) {
                        try await service.publish(Self.event(number, accounts, prefix))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func event(_ number: Int, _ accounts: Int, _ prefix: String) throws -> Envelope {
        let text = String(repeating: "x", count: 850)
        let data = #"{"id":"task_\#(number)","text":"\#(text)"}"#
        return try Envelope(
            .unknown(UnknownEvent(type: EventType("task.archived") ?? .taskCreated, data: Array(data.utf8))),
            id: EventID(unchecked: "\(prefix)_\(number)"), timestamp: Timestamp(unixSeconds: 1_707_583_522),
            metadata: EventMetadata(accountID: AccountID(unchecked: "bench_\(number % accounts)")))
    }

    /// Claims deliveries and reports successes until none is due.
    private func work(_ store: any WebhookStore) async throws -> Int {
        let (batch, clock, most) = (batch, clock, most / max(1, workers))
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<workers {
                group.addTask { @concurrent in
                    var request = ClaimRequest(count: batch)
                    (request.rules.maximumInFlightPerWebhook, request.rules.maximumInFlightPerAccount) = (
                        100_000, 100_000
                    )
                    request.rules.dailyLimit = .max
                    var count = 0
                    while true {
                        let claimed = try await store.claim(request).deliveries
                        if claimed.isEmpty || count >= most { return count }
                        count += claimed.count
                        let reports = claimed.map { claimed in
                            Settlement(
                                lease: claimed.lease,
                                attempt: Attempt(
                                    number: 1, startedAt: clock.now, duration: .milliseconds(12), statusCode: 200,
                                    errorType: nil),
                                outcome: AttemptOutcome.response(status: 200, retryAfter: nil).kind, decision: .succeed)
                        }
                        _ = try await store.settle(reports, rules: request.rules)
                    }
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

/// A transport for measurements of stores alone: it sends nothing.
private struct NoTransport: WebhookTransport {
    let policy = EndpointPolicy.production

    func send(_ request: WebhookRequest) async throws -> WebhookResponse { throw CancellationError() }
}
#endif
