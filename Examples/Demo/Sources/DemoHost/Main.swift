import DemoJournal
import Foundation
import TaskFlowWebhooks
import WebhookHTTPTransport
import WebhookSQLite

/// The host's process: a TaskFlow backend with an accelerated retry schedule.
@main
struct Main {
    /// How many times shorter than documented the waits before retries are: 6 hours become 72 seconds.
    static let speed = 300

    static func main() async throws {
        let arguments = CommandLine.arguments
        let environment = ProcessInfo.processInfo.environment
        guard arguments.count == 5, let port = Int(arguments[4]), let mainSecret = environment["DEMO_MAIN_SECRET"],
            let auditSecret = environment["DEMO_AUDIT_SECRET"]
        else {
            say("usage: DEMO_MAIN_SECRET=… DEMO_AUDIT_SECRET=… DemoHost EVENTS DATABASE JOURNAL PORT")
            exit(64)
        }
        let story: Story
        do { story = try Story(path: arguments[1]) } catch {
            say("cannot read \(arguments[1]): \(error.localizedDescription)")
            exit(66)
        }
        for line in story.badLines { say("  line \(line.number) is skipped: \(line.reason)") }
        let isLossless = try await Host(
            story: story, database: arguments[2], journal: arguments[3], endpoint: "http://127.0.0.1:\(port)/webhooks",
            secrets: [WebhookSecret(mainSecret), WebhookSecret(auditSecret)]
        ).run()
        exit(isLossless ? 0 : 1)
    }
}
