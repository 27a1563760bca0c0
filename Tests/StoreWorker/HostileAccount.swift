#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import TaskFlowWebhooks

/// What a hostile account does.
enum HostileKind: String {
    /// Names whose servers never answer.
    case names
    /// Addresses that take no connection, servers that never answer a TLS greeting, and answers after 20 s.
    case connects, tls, slow
    /// A response whose body never ends.
    case drip
    /// Events of 9.9 MB to an endpoint that answers after 20 s.
    case large
    /// Tests, and registrations beyond the limit, again and again.
    case tests, registrations
    /// Replays of everything that was delivered, again and again.
    case replays
    /// Events of one resource in order, to an endpoint that answers after 20 s.
    case ordering
    /// 429 for everything.
    case throttle
}

/// Where the hostile endpoints are.
struct HostilePorts: Sendable {
    let connects: Int
    let silent: Int
    let slow: Int
    let drip: Int
    let throttle: Int

    init(_ arguments: inout Arguments) {
        connects = arguments.number("--connects", or: 1)
        silent = arguments.number("--silent", or: 1)
        slow = arguments.number("--slow", or: 1)
        drip = arguments.number("--drip", or: 1)
        throttle = arguments.number("--throttle", or: 1)
    }
}

/// One hostile account, which goes on until its task is cancelled.
struct HostileAccount: Sendable {
    private let account: AccountID
    private let number: Int
    private let kind: HostileKind
    private let ports: HostilePorts
    private let healthyPort: Int
    private let all: Int
    private let clock = SystemClock()
    /// How many events all accounts together have published before they ask for replays.
    private static let historyEvents = 2000

    init(_ number: Int, _ kind: HostileKind, _ ports: HostilePorts, healthyPort: Int, all: Int) {
        (self.number, self.kind, self.ports) = (number, kind, ports)
        (self.healthyPort, self.all) = (healthyPort, all)
        account = AccountID(unchecked: "acc_hostile_\(number)")
    }

    private func url(_ webhook: Int) -> String {
        // Up to 250 accounts have a host each: one for all would share the connections of one host.
        let host = "127.0.1.\(number % 250 + 1)"
        return switch kind {
        case .names: "http://x\(webhook)-\(number).silent\(number).example:\(healthyPort)/"
        case .connects: "http://\(host):\(ports.connects)/\(number)/\(webhook)"
        case .tls: "https://\(host):\(ports.silent)/\(number)/\(webhook)"
        case .slow, .large, .tests, .ordering: "http://\(host):\(ports.slow)/\(number)/\(webhook)"
        case .drip: "http://\(host):\(ports.drip)/\(number)/\(webhook)"
        case .throttle: "http://\(host):\(ports.throttle)/\(number)/\(webhook)"
        case .registrations, .replays: "http://127.0.0.1:\(healthyPort)/hook"
        }
    }

    /// Registers its webhooks, and gives it a history where it needs one.
    func prepare(_ service: WebhookService) async throws -> [WebhookID] {
        let webhooks = try await register(service)
        if kind == .replays {
            for count in 0..<max(1, Self.historyEvents / all) { try await publish(count, service, bytes: 850) }
        }
        return webhooks
    }

    func run(_ service: WebhookService, _ webhooks: [WebhookID]) async throws {
        switch kind {
        case .names, .connects, .tls, .slow, .drip, .ordering, .throttle:
            // Two events a second, so that what is measured is what they hold up, not how much a machine can publish.
            try await forEver(.milliseconds(500)) { try await publish($0, service, bytes: 850) }
        case .large:
            // One event a second across all accounts, so that the disk's own bandwidth is not what is measured.
            try await forEver(.seconds(max(1, all))) { try await publish($0, service, bytes: 9_900_000) }
        case .tests:
            try await forEver(.milliseconds(10)) { count in
                _ = try? await service.test(webhooks[count % webhooks.count], with: .taskCreated, account: account)
            }
        case .registrations:
            let registration = WebhookRegistration(url: url(0), events: [.all], secret: .generate())
            try await forEver(.milliseconds(10)) { _ in
                _ = try? await service.register(registration, account: account)
            }
        case .replays:
            try await forEver(.milliseconds(500)) { count in
                let filter = RecoveryFilter(
                    webhook: webhooks[count % webhooks.count], since: Timestamp(microseconds: 0),
                    until: clock.now, statuses: [.succeeded, .failed])
                _ = try? await service.recover(filter, perSecond: 1000, account: account)
            }
        }
    }

    private func register(_ service: WebhookService) async throws -> [WebhookID] {
        var webhooks: [WebhookID] = []
        for webhook in 0..<(kind == .registrations ? 10 : 5) {
            let registration = WebhookRegistration(
                url: url(webhook), events: [.all], secret: .generate(), timeout: .seconds(30), retryPolicy: .quick,
                ordering: kind == .ordering ? .resource : .none)
            webhooks.append(try await service.register(registration, account: account).id)
        }
        return webhooks
    }

    /// Does something again and again, with a pause, in four tasks at once.
    private func forEver(_ pause: Duration, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        // Accounts are not in step with one another.
        try await clock.sleep(for: pause * number / max(1, all))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<(kind == .tests ? 4 : 1) {
                group.addTask {
                    var count = task
                    while !Task.isCancelled {
                        try? await body(count)
                        count += 4
                        try await clock.sleep(for: pause)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func publish(_ count: Int, _ service: WebhookService, bytes: Int) async throws {
        let event = EventID(unchecked: "evt_x\(number)_\(clock.now.microseconds)_\(count)")
        try await Self.publish(event, account, service, bytes: bytes)
    }

    static func publish(_ event: EventID, _ account: AccountID, _ service: WebhookService, bytes: Int) async throws {
        let text = String(repeating: "x", count: bytes)
        let envelope = try Envelope(
            .unknown(
                UnknownEvent(
                    type: EventType("task.archived") ?? .taskCreated, data: Array(#"{"text":"\#(text)"}"#.utf8))),
            id: event, timestamp: SystemClock().now,
            metadata: EventMetadata(accountID: account, orderingKey: "one"))
        try await service.publish(envelope)
    }
}
#endif
