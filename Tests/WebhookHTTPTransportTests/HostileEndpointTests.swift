#if HTTPTransport
import Foundation
import TaskFlowWebhooks
import Testing
import WebhookHTTPTransport
import WebhookConformance

/// `Tests/run.sh` runs these tests in a separate process, because they measure the memory of the process.
@Suite(
    "Hostile endpoints", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: ProcessInfo.processInfo.environment["TASKFLOW_MEMORY_TEST"] != nil))
struct HostileEndpointTests {
    private static let head = Array("HTTP/1.1 200 OK\r\n".utf8)
    private static let block = [UInt8](repeating: 0x61, count: 65_536)

    /// The behaviour of hostile endpoints, with one script for each kind of attack.
    static let scripts: [TestEndpoint.Script] = [
        TestEndpoint.Script([.receive, .send(head + Array("\r\n".utf8)), .flood(block)]),
        TestEndpoint.Script([
            .receive, .send(head + Array("Transfer-Encoding: chunked\r\n\r\nfffffff\r\n".utf8)), .flood(block),
        ]),
        TestEndpoint.Script([.receive, .send(head + Array("X: ".utf8)), .flood(block)]),
        TestEndpoint.Script([.receive, .send(head), .flood(Array("X: y\r\n".utf8))]),
        TestEndpoint.Script([.receive, .flood(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))]),
        TestEndpoint.Script([.receive, .send(head), .reset]), TestEndpoint.Script([.receive, .send(head)]),
        TestEndpoint.Script([.receive, .flood(block)]), TestEndpoint.Script([.flood(block)]),
        TestEndpoint.Script([.reset]),
    ]

    @Test("A thousand exchanges with hostile endpoints leave less than a megabyte behind")
    func memory() async throws {
        let transport = HTTPTransport(policy: .development)
        // The first rounds allocate what is needed only once, such as thread stacks and the allocator's pools.
        for _ in 0..<3 { try await round(transport, count: 1000) }
        let before = try Self.residentBytes()
        try await round(transport, count: 1000)
        let growth = try Self.residentBytes() - before
        print("1000 hostile exchanges: resident memory grew by \(growth / 1024) KiB")
        #expect(growth < 1_000_000)
    }

    private func round(_ transport: HTTPTransport, count: Int) async throws {
        for script in Self.scripts {
            try await TestEndpoint.run(script) { endpoint in
                for _ in 0..<count / Self.scripts.count {
                    let request = try HTTPTransportTests.request(endpoint.url, timeout: .seconds(2))
                    _ = try? await transport.send(request)
                }
            }
        }
    }

    private static func residentBytes() throws -> Int {
        let statistics = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = statistics.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return try #require(pages) * 4096
    }
}
#endif
