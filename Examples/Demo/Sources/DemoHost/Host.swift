import DemoJournal
import TaskFlowWebhooks
import WebhookHTTPTransport
import WebhookSQLite

/// Registers webhooks, publishes and delivers events, and checks the result.
struct Host {
    private let story: Story
    private let journal: String
    private let endpoint: String
    private let secrets: [WebhookSecret]
    private let service: WebhookService
    private let transport: HTTPTransport
    private let progress: Progress
    private let clock = SystemClock()

    init(story: Story, database: String, journal: String, endpoint: String, secrets: [WebhookSecret]) throws {
        self.story = story
        self.journal = journal
        self.endpoint = endpoint
        self.secrets = secrets
        self.progress = Progress(total: story.events.count)
        self.transport = HTTPTransport(policy: .development)
        var configuration = Dispatcher.Configuration()
        configuration.rules.leaseMargin = .seconds(2)
        configuration.storeCallTimeout = .milliseconds(500)
        configuration.rules.health.breaker.shortestBreak /= Main.speed
        configuration.rules.health.breaker.longestBreak /= Main.speed
        // Time is accelerated, so the daily quota is raised by the same factor.
        let limits = ServiceLimits(deliveriesPerDay: 1000 * Main.speed)
        self.service = WebhookService(
            store: try SQLiteStore(path: database), transport: transport, clock: clock,
            random: SystemRandomSource(), limits: limits, configuration: configuration, observer: progress)
    }

    /// Runs the demo.
    ///
    /// - Returns: Whether no event was lost, unverified or handled twice, and the forgeries were refused.
    func run() async throws -> Bool {
        let begin = clock.uptime
        for account in story.accounts { try await register(account) }
        let published = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let published = try await publishAll()
            var open = try await service.deliveryCounts().open
            while open > 0, try await !hasStoppedWebhook() {
                progress.show(open: open)
                try await clock.sleep(for: progress.interval)
                open = try await service.deliveryCounts().open
            }
            progress.show(open: open, isLast: true)
            service.stop()
            try await group.waitForAll()
            return published
        }
        let forgeriesRefused = try await tryForgeries()
        let report = try await Report(published, journal: journal, service: service)
        report.printTimeline(speed: Main.speed)
        report.printSummary(time: clock.uptime - begin, forgeriesRefused: forgeriesRefused)
        return report.isLossless && forgeriesRefused
    }

    /// Registers the webhooks that are not in the store yet; after a crash, the store has some or all of them.
    private func register(_ account: AccountID) async throws {
        let existing = try await service.webhooks(of: account)
        if !existing.isEmpty {
            let deliveryCounts = try await service.deliveryCounts(of: account)
            say(
                "  \(account): continuing after a restart: \(deliveryCounts.succeeded) delivered, \(deliveryCounts.open) open"
            )
        }
        let subscriptions: [(String, [EventPattern])] = [
            ("main", [.all]), ("audit", [.taskCreated, .taskCompleted, .taskDeleted]),
        ]
        for ((name, events), secret) in zip(subscriptions, secrets)
        where !existing.contains(where: { $0.url.hasSuffix("/\(name)") }) {
            let registration = WebhookRegistration(
                url: "\(endpoint)/\(name)", events: events, secret: .given(secret), timeout: .seconds(1),
                retryPolicy: RetryPolicy.standard.accelerated(by: Main.speed))
            let webhook = try await service.register(registration, account: account)
            say(
                "  \(account): \(webhook.id) → \(registration.url)  (\(events.map(\.rawValue).joined(separator: ", ")))"
            )
        }
    }

    /// Publishes the story at a pace that can be followed on screen.
    ///
    /// - Returns: The story without the events that could not be published.
    private func publishAll() async throws -> Story {
        var published = story
        var nextShow = clock.uptime
        for (line, envelope) in story.events {
            do { try await service.publish(envelope) } catch let error as DeliveryError {
                say("  line \(line) is skipped: \(error)")
                published.leaveOut(line: line, reason: error.description)
            }
            if clock.uptime >= nextShow {
                progress.show(open: try await service.deliveryCounts().open)
                nextShow = clock.uptime + progress.interval
            }
            try await clock.sleep(for: .milliseconds(15))
        }
        return published
    }

    /// Returns whether a webhook was stopped: its open deliveries would wait indefinitely.
    private func hasStoppedWebhook() async throws -> Bool {
        for account in story.accounts {
            if try await service.webhooks(of: account).contains(where: { !$0.isEnabled }) { return true }
        }
        return false
    }

    /// Sends two forged requests: one without a signature, one with a wrong one.
    ///
    /// - Returns: Whether both were answered with 401.
    private func tryForgeries() async throws -> Bool {
        guard let envelope = story.events.first?.envelope else { return true }
        let url = try EndpointURL("\(endpoint)/main", policy: transport.policy)
        let forgedHeaders: [HeaderFields] = [
            [HeaderName.contentType: "application/json"],
            [
                HeaderName.contentType: "application/json", HeaderName.standardID: envelope.id.rawValue,
                HeaderName.standardTimestamp: String(clock.now.unixSeconds),
                HeaderName.standardSignature: "v1," + String(repeating: "A", count: 43) + "=",
                HeaderName.signature: "sha256=" + String(repeating: "0", count: 64),
            ],
        ]
        for headers in forgedHeaders {
            let request = WebhookRequest(url: url, headers: headers, body: envelope.bytes, timeout: .seconds(5))
            guard try await transport.send(request).status == 401 else { return false }
        }
        return true
    }
}
