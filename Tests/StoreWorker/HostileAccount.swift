#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import TaskFlowWebhooks

/// A hostile account, which continues until its task is cancelled.
struct HostileAccount: Sendable {
    private let account: AccountID
    private let number: Int
    private let kind: HostileKind
    private let ports: HostilePorts
    private let healthyPort: Int
    private let all: Int
    private let clock = SystemClock()
    /// How many events all accounts together have published before the measurement.
    private let history: Int

    init(
        _ number: Int, _ kind: HostileKind, _ ports: HostilePorts, healthyPort: Int, all: Int, history: Int
    ) {
        (self.number, self.kind, self.ports) = (number, kind, ports)
        (self.healthyPort, self.all, self.history) = (healthyPort, all, history)
        account = AccountID(unchecked: "acc_hostile_\(number)")
    }

    private func url(_ webhook: Int) -> String {
        // Up to 250 accounts have a host each: a single host would make them share its connections.
        let host = "127.0.1.\(number % 250 + 1)"
        func at(_ port: String) -> String { "http://\(host):\(ports[port])/\(number)/\(webhook)" }
        return switch kind {
        case .names: "http://x\(webhook)-\(number).silent\(number).example:\(healthyPort)/"
        case .tls: "https://\(host):\(ports["silent"])/\(number)/\(webhook)"
        case .slow, .large, .tests, .ordering: at("slow")
        case .connects, .drip, .throttle, .trickle, .headers, .turns: at(kind.rawValue)
        case .hosts: "http://h\(number)-\(webhook).hosts.example:\(healthyPort)/hook"
        case .moving: "http://h\(number)-\(webhook).moving.example:\(ports["quick"])/hook"
        case .registrations, .replays, .backlog, .crowd, .drains, .deletion, .statistics:
            "http://127.0.0.1:\(healthyPort)/hook"
        }
    }

    /// Registers its webhooks, and creates a history where it needs one.
    func prepare(_ service: WebhookService) async throws -> [WebhookID] {
        let webhooks = try await register(service)
        if kind.waits || kind.isDelivered {
            let count = max(1, history / all)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<min(count, 64) {
                    group.addTask {
                        for number in stride(from: task, to: count, by: 64) {
                            try await publish(number, service, bytes: 850)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        // Deliveries of a disabled webhook stay in its backlog.
        if kind == .drains || kind == .deletion {
            for webhook in webhooks { _ = try await service.disable(webhook, account: account) }
        }
        return webhooks
    }

    func run(_ service: WebhookService, _ webhooks: [WebhookID]) async throws {
        switch kind {
        case .names, .connects, .tls, .slow, .drip, .ordering, .throttle, .moving, .trickle, .headers, .turns:
            // Two events a second, so that the measurement shows their effect on others, not how much the machine can
            // publish.
            try await forEver(.milliseconds(500)) { try await publish($0, service, bytes: 850) }
        case .large:
            // One event a second across all accounts, so that the measurement shows more than the disk's bandwidth.
            try await forEver(.seconds(max(1, all))) { try await publish($0, service, bytes: 9_900_000) }
        case .tests:
            try await forEver(.milliseconds(10)) { count in
                _ = try? await service.test(webhooks[count % webhooks.count], account: account, with: .taskCreated)
            }
        case .registrations:
            let registration = WebhookRegistration(url: url(0), events: [.all], secret: .generate())
            try await forEver(.milliseconds(10)) { _ in
                _ = try? await service.register(registration, account: account)
            }
        case .replays:
            try await forEver(.milliseconds(500)) { count in
                _ = try? await service.replay(
                    everything(of: webhooks[count % webhooks.count]), account: account, perSecond: 1000)
            }
        case .hosts:
            try await forEver(.milliseconds(20)) { count in
                var update = Webhook.Update()
                update.url = url(count)
                _ = try? await service.update(webhooks[count % webhooks.count], update, account: account)
                try await publish(count, service, bytes: 850)
            }
        case .backlog, .crowd: break
        case .drains:
            try await forEver(.milliseconds(10)) { _ in
                _ = try? await service.enable(
                    webhooks[0], account: account, backlog: .spread(perSecond: 1, .newestFirst))
            }
        case .deletion: _ = try await service.erase(account)
        case .statistics:
            try await forEver(.milliseconds(10)) { count in
                if count % 8 == 0 {
                    _ = try? await service.previewReplay(everything(of: webhooks[0]), account: account)
                } else {
                    _ = try? await service.statistics(of: webhooks[0], account: account)
                }
            }
        }
    }

    private func everything(of webhook: WebhookID) -> Replay.Filter {
        Replay.Filter(
            webhookID: webhook, since: Timestamp(microseconds: 0), until: clock.now, statuses: [.succeeded, .failed])
    }

    private func register(_ service: WebhookService) async throws -> [WebhookID] {
        // The webhooks of an earlier run, whose history may have grown since.
        var webhooks = try await service.webhooks(of: account).map(\.id)
        for webhook in webhooks.count..<max(kind.webhooks, webhooks.count) {
            let registration = WebhookRegistration(
                url: url(webhook), events: [.all], secret: .generate(), timeout: .seconds(30), retryPolicy: .quick,
                ordering: kind == .ordering ? .resource : .none)
            webhooks.append(try await service.register(registration, account: account).id)
        }
        return webhooks
    }

    /// Repeats an operation with a pause; some kinds run four tasks at once.
    private func forEver(_ pause: Duration, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        // Accounts start at different times.
        try await clock.sleep(for: pause * number / max(1, all))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<([.tests, .statistics].contains(kind) ? 4 : 1) {
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
