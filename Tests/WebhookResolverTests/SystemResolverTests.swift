#if HTTPTransport || AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import TaskFlowWebhooks
import Testing
import WebhookResolver

@Suite("SystemResolver", .timeLimit(.minutes(1)))
struct SystemResolverTests {
    private static func failure(_ body: () async throws -> Void) async throws -> TransportFailure {
        try await #require(throws: TransportError.self) { try await body() }.failure
    }

    /// Writes a file in the format of `resolv.conf`.
    private static func write(_ text: String, to file: URL) throws {
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static func temporaryFile() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "resolv-\(UUID().uuidString).conf")
    }

    @Test("The resolver queries both families, and no other names for an absolute name with a dot")
    func families() async throws {
        let both = [IPAddress(v4: 0x7F00_0001), IPAddress(v6: 1)]
        try await FakeNameServer.run { _ in
            .addresses(both)
        } _: { server in
            let resolver = SystemResolver(settings: server.settings)
            let addresses = try await resolver.addresses(of: "hooks.example.com")
            #expect(Set(addresses) == Set(both))
            #expect(server.names == ["hooks.example.com"])
            #expect(Set(server.questions.map(\.isIPv6)) == [true, false])
        }
    }

    @Test(
        "Each failure is attributed to the endpoint or to this machine",
        arguments: [
            ("noSuchName", TransportFailure.dnsFailure), ("noData", .dnsFailure), ("serverFailure", .dnsFailure),
            ("refused", .resolverUnavailable), ("silence", .dnsTimeout),
        ])
    func failures(reply: String, expected: TransportFailure) async throws {
        let replies: [String: FakeNameServer.Reply] = [
            "noSuchName": .noSuchName, "noData": .noData, "serverFailure": .serverFailure, "refused": .refused,
            "silence": .silence,
        ]
        let answer = try #require(replies[reply])
        try await FakeNameServer.run { _ in
            answer
        } _: { server in
            var settings = server.settings
            if expected == .dnsTimeout { settings.timeoutMilliseconds = 100 }
            let resolver = SystemResolver(settings: settings)
            let failure = try await Self.failure { _ = try await resolver.addresses(of: "hooks.example.com") }
            #expect(failure == expected)
        }
    }

    @Test("An unreachable name server is this machine's failure")
    func unreachable() async throws {
        var settings = try await FakeNameServer.run { _ in
            .silence
        } _: {
            $0.settings
        }
        settings.tries = 2
        let resolver = SystemResolver(settings: settings)
        let failure = try await Self.failure { _ = try await resolver.addresses(of: "hooks.example.com") }
        #expect(failure == .resolverUnavailable)
    }

    @Test("If a name server fails or refuses, the next one is queried")
    func nextServer() async throws {
        for reply in [FakeNameServer.Reply.serverFailure, .refused] {
            try await FakeNameServer.run { _ in
                reply
            } _: { first in
                try await FakeNameServer.run { _ in
                    .addresses([IPAddress(v4: 0x7F00_0001)])
                } _: { second in
                    var settings = first.settings
                    settings.servers = "\(first.address),\(second.address)"
                    let addresses = try await SystemResolver(settings: settings).addresses(of: "hooks.example.com")
                    #expect(addresses == [IPAddress(v4: 0x7F00_0001)])
                    #expect(first.names == ["hooks.example.com"])
                }
            }
        }
    }

    @Test("Search domains complete a single label, and a name with a dot only if enabled")
    func searchDomains() async throws {
        let file = Self.temporaryFile()
        defer { try? FileManager.default.removeItem(at: file) }
        try Self.write("search corp.test\noptions ndots:2\n", to: file)
        try await FakeNameServer.run {
            $0.hasSuffix(".corp.test") ? .addresses([IPAddress(v6: 1)]) : .noSuchName
        } _: {
            server in
            var settings = server.settings
            settings.configurationFile = file.path
            let plain = SystemResolver(settings: settings)
            #expect(try await plain.addresses(of: "db") == [IPAddress(v6: 1)])
            let failure = try await Self.failure { _ = try await plain.addresses(of: "db.east") }
            #expect(failure == .dnsFailure)
            let searching = SystemResolver(searchesDomains: true, settings: settings)
            #expect(try await searching.addresses(of: "db.west") == [IPAddress(v6: 1)])
            #expect(server.names == ["db.corp.test", "db.east", "db.west.corp.test"])
            // A change of the file takes effect with the next look-up.
            try Self.write("search lab.corp.test\n", to: file)
            #expect(try await plain.addresses(of: "db") == [IPAddress(v6: 1)])
            #expect(server.names.last == "db.lab.corp.test")
        }
    }

    @Test("This machine's name is resolved without a name server")
    func localhost() async throws {
        try await FakeNameServer.run { _ in
            .silence
        } _: { server in
            let addresses = try await SystemResolver(settings: server.settings).addresses(of: "localhost")
            #expect(!addresses.isEmpty)
            #expect(addresses.allSatisfy { [IPAddress(v4: 0x7F00_0001), IPAddress(v6: 1)].contains($0) })
            #expect(server.questions.isEmpty)
        }
    }

    @Test("A cancelled look-up ends immediately, after its socket was closed")
    func cancellation() async throws {
        try await FakeNameServer.run { _ in
            .silence
        } _: { server in
            var settings = server.settings
            settings.timeoutMilliseconds = 60_000
            let resolver = SystemResolver(settings: settings)
            let lookup = Task { try await resolver.addresses(of: "hooks.example.com") }
            var asked = server.asked.makeAsyncIterator()
            let question = try #require(await asked.next())
            // The socket occupies its port while it is open.
            await #expect(throws: (any Error).self) { try await Self.bind(question.source) }
            lookup.cancel()
            await #expect(throws: CancellationError.self) { try await lookup.value }
            await #expect(throws: Never.self) { try await Self.bind(question.source) }
        }
    }

    private static func bind(_ port: Int) async throws {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "0.0.0.0", port: port).get()
        try await channel.close()
    }

    @Test("A thousand unanswered names delay no other name")
    func silentNames() async throws {
        try await FakeNameServer.run {
            $0.hasPrefix("silent") ? .silence : .addresses([IPAddress(v6: 1)])
        } _: {
            server in
            var settings = server.settings
            settings.timeoutMilliseconds = 60_000
            let resolver = SystemResolver(settings: settings)
            try await withThrowingTaskGroup { group in
                var asked = server.asked.makeAsyncIterator()
                for number in 0..<1000 {
                    group.addTask { _ = try? await resolver.addresses(of: "silent\(number).example.org") }
                    // One at a time, because the server's buffer would drop a burst.
                    for _ in ["A", "AAAA"] { _ = await asked.next() }
                }
                let start = ContinuousClock.now
                for _ in 0..<20 {
                    #expect(try await resolver.addresses(of: "hooks.example.com") == [IPAddress(v6: 1)])
                }
                let each = (ContinuousClock.now - start) / 20
                print("Alongside 1000 unanswered names, a look-up takes \(each)")
                #expect(each < .seconds(1))
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
#endif
