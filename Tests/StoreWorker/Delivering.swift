#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import TaskFlowWebhooks
import WebhookHTTPTransport
import WebhookTesting

/// Publishes at a rate and delivers, until it is killed, or until everything is delivered.
///
/// Acknowledged events go into a journal that survives the process: one line per event, with its number of deliveries
/// and its bytes.
struct Delivering {
    private static let accounts = 8

    private let place: StoreLocation
    private let url: String
    private let journal: FileHandle?
    private let rate: Int
    private let prefix: String
    private let dailyLimit: Int
    private let leaseMargin: Int
    private let clock: WrongClock

    init(_ place: StoreLocation, _ arguments: inout Arguments) throws {
        self.place = place
        url = try arguments.next("a URL")
        rate = arguments.number("--rate", or: 0)
        prefix = arguments.option("--prefix") ?? "evt"
        dailyLimit = arguments.number("--daily-limit", or: .max)
        leaseMargin = arguments.number("--lease-margin", or: 3500)
        clock = WrongClock(offset: .seconds(arguments.number("--clock-offset", or: 0)))
        journal = try arguments.option("--journal").map { path in
            let file = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
            guard file >= 0 else { throw Usage("cannot write \(path)") }
            return FileHandle(fileDescriptor: file, closeOnDealloc: true)
        }
    }

    func run() async throws {
        let service = try await service()
        try await register(service)
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            if rate > 0 {
                for account in 0..<Self.accounts { group.addTask { try await publish(account, service) } }
            } else {
                // Without new events: until all deliveries have ended.
                while try await service.deliveryCounts().open > 0 { try await clock.sleep(for: .milliseconds(50)) }
                service.stop()
            }
            try await group.waitForAll()
        }
        print("done")
    }

    private func service() async throws -> WebhookService {
        var configuration = Dispatcher.Configuration()
        // Leases are short, so that a killed worker's deliveries are soon due again.
        configuration.rules.leaseMargin = .milliseconds(leaseMargin)
        configuration.storeCallTimeout = .milliseconds(2000)
        // The number of requests in flight limits what a killed worker may repeat.
        (configuration.maximumInFlight, configuration.firstAttemptSlots) = (64, 16)
        configuration.rules.health.failure = .never
        configuration.rules.health.breaker.failures = 1_000_000
        return WebhookService(
            store: try await place.open(), transport: HTTPTransport(policy: .development), clock: clock,
            random: SystemRandomSource(), limits: ServiceLimits(deliveriesPerDay: dailyLimit),
            configuration: configuration)
    }

    private func register(_ service: WebhookService) async throws {
        for number in 0..<Self.accounts {
            let account = AccountID(unchecked: "acc_\(number)")
            let there = try await service.webhooks(of: account)
            for name in ["all", "tasks"] where !there.contains(where: { $0.url.hasSuffix(name) }) {
                try await service.register(
                    WebhookRegistration(
                        url: "\(url)/\(number)/\(name)", events: [name == "all" ? .all : .allTaskEvents],
                        secret: .generate(), timeout: .seconds(1),
                        retryPolicy: RetryPolicy(
                            clamping: Array(repeating: .milliseconds(200), count: 10), jitter: 0.1)),
                    account: account)
            }
        }
    }

    private func publish(_ number: Int, _ service: WebhookService) async throws {
        let account = AccountID(unchecked: "acc_\(number)")
        var samples = SampleEvents(seed: UInt64(number + 1), account: account)
        for count in 0... {
            let sample = try samples.next()
            let envelope = try Envelope(
                sample.event(), id: EventID(unchecked: "\(prefix)_\(number)_\(count)"), timestamp: sample.timestamp,
                metadata: sample.metadata)
            let receipt = try await published(envelope, service)
            let line = Array("\(receipt.deliveryIDs.count)\t".utf8) + envelope.bytes + [UInt8(ascii: "\n")]
            try journal?.write(contentsOf: line)
            try await clock.sleep(for: .seconds(1) * Self.accounts / rate)
        }
    }

    /// Publishes until the store has acknowledged the event: a failed call may have stored it, and is repeated.
    private func published(_ envelope: Envelope, _ service: WebhookService) async throws -> PublishReceipt {
        while true {
            do { return try await service.publish(envelope) } catch let error as DeliveryError { throw error } catch {
                try await clock.sleep(for: .milliseconds(20))
            }
        }
    }
}

/// This machine's clock with an offset.
private struct WrongClock: WebhookClock {
    let offset: Duration

    var now: Timestamp { SystemClock().now + offset }
    var uptime: Duration { SystemClock().uptime }

    func sleep(for duration: Duration) async throws { try await SystemClock().sleep(for: duration) }
}
#endif
