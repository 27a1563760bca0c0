#if HTTPTransport
import Foundation
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookTesting

/// Needs `TASKFLOW_TEST_PYTHON`, the path of a Python with `standardwebhooks`; `Tests/run.sh` creates one.
@Suite("Python verifies the requests of the host", .timeLimit(.minutes(1)))
struct PythonTests {
    @Test(
        "hmac and standardwebhooks accept every event, with text and generated secrets",
        .enabled(if: ProcessInfo.processInfo.environment["TASKFLOW_TEST_PYTHON"] != nil),
        arguments: ["It's a Secret to Everybody", "geheimes Wörterbuch 🔑 für alle", "generated"])
    func verifies(text: String) async throws {
        var generator = SystemRandomNumberGenerator()
        let secret = text == "generated" ? WebhookSecret.random(using: &generator) : try WebhookSecret(text)
        let server = try PythonServer(secret: secret)
        defer { server.stop() }
        let clock = SystemClock()
        let service = WebhookService(
            store: InMemoryStore(clock: clock), transport: HTTPTransport(policy: .development), clock: clock,
            random: SystemRandomSource())
        let registration = WebhookRegistration(
            url: "http://127.0.0.1:\(server.port)/", events: [.all], secret: .given(secret),
            retryPolicy: RetryPolicy(clamping: []))
        try await service.register(registration, account: "acc_123")
        let events = try EventType.known.compactMap { try SampleEvents.sample(of: $0) }
        for event in events { try await service.publish(event) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            while try await service.deliveryCounts().open > 0 { await Task.yield() }
            service.stop()
            try await group.waitForAll()
        }
        let histories = try await service.deliveries(Delivery.Query(accountID: "acc_123", limit: 100))
        #expect(histories.count == EventType.known.count)
        for history in histories { #expect(history.attempts.map(\.statusCode) == [200]) }
    }
}

/// The verifying server, which runs in a separate process.
private struct PythonServer {
    let port: Int
    private let process = Process()
    private let input = Pipe()

    init(secret: WebhookSecret) throws {
        let python = ProcessInfo.processInfo.environment["TASKFLOW_TEST_PYTHON"] ?? "python3"
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "verify_server.py")
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script.path]
        process.environment = [
            "TASKFLOW_SECRET": secret.reveal(), "STANDARD_SECRET": secret.revealForStandardWebhooks(),
            "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8",
        ]
        process.standardOutput = output
        process.standardInput = input
        // A child that holds the runner's output open would block the runner.
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        port = try #require(Int(String(decoding: line, as: UTF8.self)))
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
#endif
