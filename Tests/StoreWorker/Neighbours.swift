#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import TaskFlowWebhooks
import WebhookHTTPTransport
import WebhookResolver

/// Measures how long the events of a healthy account wait for the first byte of their request, beside hostile accounts.
struct Neighbours {
    private static let healthy = AccountID(unchecked: "acc_healthy")

    private let place: StoreLocation
    private let port: Int
    private let hostilePorts: HostilePorts
    private let kind: HostileKind?
    private let accounts: Int
    private let history: Int
    private let seconds: Int
    private let rate: Int
    private let nameServer: String
    private let clock = SystemClock()

    init(_ place: StoreLocation, _ arguments: inout Arguments) throws {
        self.place = place
        port = arguments.number("--port", or: 0)
        nameServer = arguments.option("--name-server") ?? ""
        hostilePorts = HostilePorts(&arguments)
        kind = try arguments.option("--kind").map { name in
            guard let kind = HostileKind(rawValue: name) else { throw Usage("unknown kind: \(name)") }
            return kind
        }
        accounts = arguments.number("--accounts", or: 0)
        history = arguments.number("--history", or: 2000)
        seconds = arguments.number("--seconds", or: 5)
        rate = arguments.number("--rate", or: 100)
    }

    func run() async throws {
        var settings = NameServerSettings()
        settings.servers = nameServer
        let watch = FirstBytes(Self.healthy)
        let transport = FirstByteTransport(
            HTTPTransport(policy: .development, resolver: SystemResolver(settings: settings)), watch)
        let limits = ServiceLimits(
            deliveriesPerDay: .max, registrationsPerDay: .max, openDeliveriesPerWebhook: .max)
        let service = WebhookService(
            store: try await place.open(), transport: transport, clock: clock, random: SystemRandomSource(),
            limits: limits)
        for earlier in try await service.webhooks(of: Self.healthy) {
            _ = try await service.delete(earlier.id, account: Self.healthy)
        }
        let webhook = try await service.register(
            WebhookRegistration(
                url: "http://healthy.example:\(port)/hook", events: [.all], secret: .generate(),
                retryPolicy: .quick),
            account: Self.healthy
        ).id
        let stream = service.notifications(buffering: 1_000_000)
        let waiting = kind?.waits == true ? try await prepare(service) : []
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask { for await occurrence in stream { watch.observe(occurrence) } }
            group.addTask {
                try await publish(count: rate, service, nil)
                // A hostile account that hangs, throws or is rejected does not stop the others; each is a separate
                // task.
                try await withThrowingTaskGroup(of: Void.self) { hostile in
                    if let kind {
                        for (account, webhooks) in kind.waits ? waiting : try await prepare(service) {
                            hostile.addTask { try? await account.run(service, webhooks) }
                        }
                        try await clock.sleep(for: .seconds(3))
                    }
                    try await publish(count: rate * seconds, service, watch)
                    let end = clock.uptime + .seconds(10)
                    while watch.missing > 0, clock.uptime < end { try await clock.sleep(for: .milliseconds(20)) }
                    hostile.cancelAll()
                }
            }
            // The publisher is the first to end.
            _ = try await group.next()
            let state = try await service.webhook(webhook, account: Self.healthy)?.status
            print(watch.json(isActive: state == .active, memory: Self.peakMemory()))
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }

    /// Prepares the hostile accounts with their webhooks; the deliveries of their histories have ended.
    private func prepare(_ service: WebhookService) async throws -> [(HostileAccount, [WebhookID])] {
        guard let kind else { return [] }
        let accounts = (0..<self.accounts).map { number in
            HostileAccount(number, kind, hostilePorts, healthyPort: port, all: self.accounts, history: history)
        }
        // A few at a time: a store rejects thousands of concurrent calls.
        let hostile = try await withThrowingTaskGroup(of: [(HostileAccount, [WebhookID])].self) { group in
            for start in 0..<min(64, accounts.count) {
                group.addTask {
                    var prepared: [(HostileAccount, [WebhookID])] = []
                    for number in stride(from: start, to: accounts.count, by: 64) {
                        prepared.append((accounts[number], try await accounts[number].prepare(service)))
                    }
                    return prepared
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        while kind.isDelivered, try await service.deliveryCounts().open > 0 { try await clock.sleep(for: .seconds(1)) }
        return hostile
    }

    /// The peak memory of this process, in kilobytes.
    private static func peakMemory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Publishes small events of the healthy account at regular intervals.
    private func publish(count: Int, _ service: WebhookService, _ watch: FirstBytes?) async throws {
        let begin = clock.uptime
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                let wait = begin + .seconds(1) * number / rate - clock.uptime
                if wait > .zero { try await clock.sleep(for: wait) }
                group.addTask {
                    let event = EventID(unchecked: "evt_h\(clock.now.microseconds)_\(number)")
                    watch?.begins(event, at: clock.uptime)
                    try await HostileAccount.publish(event, Self.healthy, service, bytes: 850)
                }
            }
            try await group.waitForAll()
        }
    }
}
#endif
