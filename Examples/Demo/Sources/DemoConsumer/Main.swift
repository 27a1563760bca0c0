import DemoJournal
import Foundation
import WebhookReceiving

/// The consumer's process: two applications with separate URLs, both unreliable at first.
@main
struct Main {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard CommandLine.arguments.count == 3, let mainSecret = environment["DEMO_MAIN_SECRET"],
            let auditSecret = environment["DEMO_AUDIT_SECRET"]
        else {
            print("usage: DEMO_MAIN_SECRET=… DEMO_AUDIT_SECRET=… DemoConsumer JOURNAL PORT-FILE")
            exit(64)
        }
        let journal = try Journal(path: CommandLine.arguments[1])
        let portFile = CommandLine.arguments[2]
        let background = BackgroundQueue()
        let faults = Faults()
        func app(_ name: String, _ secret: String, _ deduplication: InMemoryDeduplication) throws -> App {
            try App(
                name: name, secret: WebhookSecret(secret), background: background, deduplication: deduplication,
                journal: journal)
        }
        let (mainMemory, auditMemory) = (InMemoryDeduplication(), InMemoryDeduplication())
        let apps = [
            "main": try app("main", mainSecret, mainMemory), "audit": try app("audit", auditSecret, auditMemory),
        ]
        let misconfigured = try app("audit", "the secret of another webhook", auditMemory)

        let server = HTTPServer(
            refuse: { request, length in
                guard let app = apps[name(in: request.path)] else { return .notFound }
                return app.refusal(of: request, length: length)
            },
            respond: { request in
                guard let app = apps[name(in: request.path)] else { return .notFound }
                let fault = faults.fault(app: app.name, headers: request.headers)
                let current = faults.hasWrongSecret(app: app.name) ? misconfigured : app
                return await answer(request, by: current, fault, journal)
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await background.run() }
            group.addTask {
                try await server.run(port: 0) { port in
                    try? Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic)
                }
            }
            try await group.waitForAll()
        }
    }

    private static func name(in path: String) -> String { String(path.split(separator: "/").last ?? "") }

    private static func answer(
        _ request: HTTPServer.Request, by app: App, _ fault: Faults.Fault, _ journal: Journal
    ) async -> HTTPServer.Response? {
        let event = request.headers[HeaderName.standardID] ?? "-"
        func note(_ action: JournalEntry.Action, _ detail: String) async {
            try? await journal.append(JournalEntry(app: app.name, action: action, event: event, detail: detail))
        }
        switch fault {
        case .serverError:
            await note(.fault, "answered 500")
            return HTTPServer.Response(status: 500, body: Array("the database is down".utf8))
        case .dropped:
            await note(.fault, "dropped the connection")
            return nil
        case .none, .late, .answerLost: break
        }
        let reply = await app.respond(to: request)
        if reply.disposition == .duplicate { await note(.duplicate, "dropped") }
        if case .refused(let reason) = reply.disposition { await note(.refused, "\(reply.status) \(reason)") }
        switch fault {
        case .late:
            await note(.fault, "answered too late")
            try? await Task.sleep(for: .milliseconds(1500))
            return HTTPServer.Response(reply)
        case .answerLost:
            await note(.fault, "lost the response")
            return nil
        default: return HTTPServer.Response(reply)
        }
    }
}
