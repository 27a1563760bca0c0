#if PostgreSQL
import Foundation
import TaskFlowWebhooks
import TestSupport
import Testing
import WebhookPostgreSQL

/// Compares three readers on one table of bodies, which `make_bodies.py` generates.
@Suite(
    "Event bodies, in all readers",
    .enabled(if: TestServer.isAvailable, "needs a server: bash Tests/run.sh starts one"))
struct EventBodyInSQLTests {
    private let lines: [JSONValue]
    private let bodies: [[UInt8]]

    init() throws {
        lines = try Fixture.lines("event-bodies.jsonl")
        bodies = lines.map(Fixture.body)
    }

    private func expectTable(_ verdicts: [Bool], of reader: String) {
        #expect(verdicts.count == lines.count)
        for (line, verdict) in zip(lines, verdicts) {
            #expect(verdict == line["decodes"]?.bool, "\(reader): \(line["name"]?.string ?? "")")
        }
    }

    @Test("`Envelope.decode` and `publish_bytes` accept and reject the same bodies")
    func table() async throws {
        expectTable(bodies.map { (try? Envelope.decode($0)) != nil }, of: "Envelope.decode")
        expectTable(try await published(), of: "publish_bytes")
    }

    @Test(
        "`tfhook verify --decode` accepts and rejects them as well",
        .enabled(if: tool != nil, "needs the tool: bash Tests/run.sh builds it"))
    func commandLine() throws { expectTable(try decoded(by: #require(Self.tool)), of: "tfhook") }

    private static let tool = ProcessInfo.processInfo.environment["TASKFLOW_TEST_TFHOOK"]

    /// Publishes the bodies and rolls back; returns which of them were accepted.
    private func published() async throws -> [Bool] {
        let database = try await TestDatabase()
        var verdicts: [Bool] = []
        // One command line holds a limited number of them.
        for start in stride(from: 0, to: bodies.count, by: 40) {
            let values = bodies[start...].prefix(40).enumerated()
                .map { "(\($0.offset), '\\x\(PostgresOutboxTests.hex($0.element))'::bytea)" }
            let reply = try database.psql(
                """
                CREATE FUNCTION pg_temp.verdict(body bytea) RETURNS text LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM {schema}.publish_bytes(body);
                    RAISE 'published' USING ERRCODE = 'TF000';
                EXCEPTION
                    WHEN SQLSTATE 'TF000' THEN RETURN '1';
                    WHEN invalid_parameter_value OR invalid_json_text THEN RETURN '0';
                END
                $$;
                SELECT string_agg(pg_temp.verdict(body), '' ORDER BY number)
                FROM (VALUES \(values.joined(separator: ","))) AS bodies (number, body)
                """)
            #expect(reply.error == "")
            verdicts += reply.output.map { $0 == "1" }
        }
        return verdicts
    }

    private func decoded(by tool: String) throws -> [Bool] {
        let secret = try WebhookSecret("a secret for the table of bodies")
        let signer = try WebhookSigner(secret)
        let cases = bodies.enumerated().map { number, body -> JSONValue in
            [
                "name": .string("\(number)"), "scheme": "taskflow-sha256", "secret": .string(secret.reveal()), "now": 0,
                "body_b64": .string(Data(body).base64EncodedString()),
                "headers": ["X-TaskFlow-Signature": .string(signer.taskFlowSignature(of: body))],
            ]
        }
        let input = FileManager.default.temporaryDirectory.appending(path: "bodies-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: input) }
        try Data(cases.flatMap { $0.encoded() + [0x0A] }).write(to: input)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = ["verify", "--jsonl", "--decode"]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try text.split(separator: UInt8(ascii: "\n")).map {
            try JSONValue(parsing: Array($0))["decoded"]?.bool ?? false
        }
    }
}
#endif
