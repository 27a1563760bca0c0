#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import Synchronization
import TaskFlowWebhooks
import WebhookHTTPTransport

/// Publishes events and delivers them over HTTP in one process, like a small host, and prints the rate.
struct Load {
    private let place: StoreLocation
    private let url: String
    private let events: Int
    private let accounts: Int
    private let publishers: Int
    private let rate: Int
    private let clock = SystemClock()

    init(_ place: StoreLocation, _ arguments: inout Arguments) throws {
        self.place = place
        url = try arguments.next("a URL")
        events = arguments.number("--events", or: 100_000)
        accounts = arguments.number("--accounts", or: 64)
        publishers = arguments.number("--publishers", or: 32)
        rate = arguments.number("--rate", or: 0)
    }

    func run() async throws {
        let watch = Watch(events)
        var configuration = Dispatcher.Configuration()
        (configuration.maximumInFlight, configuration.firstAttemptSlots) = (128, 32)
        let service = WebhookService(
            store: try await place.open(), transport: HTTPTransport(policy: .development), clock: clock,
            random: SystemRandomSource(), limits: ServiceLimits(deliveriesPerDay: .max, openDeliveriesPerWebhook: .max),
            configuration: configuration, observer: watch)
        for number in 0..<accounts {
            let account = AccountID(unchecked: "load_\(number)")
            guard try await service.webhooks(of: account).isEmpty else { continue }
            try await service.register(
                WebhookRegistration(url: "\(url)/\(number)", events: [.all], secret: .generate()), account: account)
        }
        let before = try await service.deliveryCounts().succeeded
        let begin = clock.uptime
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<publishers { group.addTask { try await publish(publisher, service, watch) } }
                try await group.waitForAll()
            }
            // Counting open deliveries costs the store more than delivering, so they are counted only after all
            // requests.
            while watch.sent < events { try await clock.sleep(for: .milliseconds(10)) }
            while try await service.deliveryCounts().open > 0 { try await clock.sleep(for: .milliseconds(10)) }
            service.stop()
            try await group.waitForAll()
        }
        let seconds = (clock.uptime - begin) / .seconds(1)
        let delivered = try await service.deliveryCounts().succeeded - before
        let expense = Expense()
        print(
            """
            {"delivered": \(delivered), "per_second": \(Double(delivered) / seconds), \
            "first_p50_us": \(watch.percentile(0.5)), "first_p99_us": \(watch.percentile(0.99)), \
            "cpu_per_1000": \(expense.cpu / Double(delivered) * 1000), "peak_mb": \(expense.peakMegabytes)}
            """)
    }

    private func publish(_ publisher: Int, _ service: WebhookService, _ watch: Watch) async throws {
        for number in stride(from: publisher, to: events, by: publishers) {
            let account = AccountID(unchecked: "load_\(number % accounts)")
            let text = String(repeating: "x", count: 850)
            let data = #"{"id":"task_\#(number)","text":"\#(text)"}"#
            let envelope = try Envelope(
                .unknown(UnknownEvent(type: EventType("task.archived") ?? .taskCreated, data: Array(data.utf8))),
                id: EventID(unchecked: "evt_\(clock.now.microseconds)_\(number)"), timestamp: clock.now,
                metadata: EventMetadata(accountID: account))
            watch.begins(envelope.id, now: clock.now)
            try await service.publish(envelope)
            if rate > 0 { try await clock.sleep(for: .seconds(1) * publishers / rate) }
        }
    }
}

/// Measures the time from publishing an event to the start of its first request.
private final class Watch: DeliveryObserver {
    private struct State {
        var begun: [EventID: Timestamp] = [:]
        var waits: [Int64] = []
        var sent = 0
    }

    private let state: Mutex<State>

    init(_ events: Int) {
        var state = State()
        state.waits.reserveCapacity(events)
        self.state = Mutex(state)
    }

    func begins(_ event: EventID, now: Timestamp) { state.withLock { $0.begun[event] = now } }

    func observe(_ occurrence: DeliveryNotification) {
        guard case .attempted(let delivery, let attempt, _, _) = occurrence else { return }
        state.withLock { state in
            state.sent += 1
            guard let begin = state.begun.removeValue(forKey: delivery.eventID) else { return }
            state.waits.append(max(0, attempt.startedAt.microseconds - begin.microseconds))
        }
    }

    /// The number of requests.
    var sent: Int { state.withLock { $0.sent } }

    func percentile(_ share: Double) -> Int64 {
        state.withLock { state in
            let sorted = state.waits.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
    }
}

/// The resources that this process has used.
private struct Expense {
    let cpu: Double
    let peakMegabytes: Int

    init() {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        peakMegabytes = usage.ru_maxrss / 1024
    }
}
#endif
