import Synchronization
import WebhookReceiving

/// Decides how the consumer misbehaves: like real consumers, and for the same events in every run.
final class Faults: Sendable {
    enum Fault {
        case none
        /// Answers 500, like an application whose database is down.
        case serverError
        /// Does the work, but answers after the sender's timeout.
        case late
        /// Closes the connection without doing the work and without a response.
        case dropped
        /// Does the work, then closes the connection without a response.
        case answerLost
    }

    /// How long the main application answers 500 after its first request, because it is still starting.
    static let startUp = Duration.milliseconds(250)
    /// How long the audit application uses a wrong secret after its first request.
    static let wrongSecret = Duration.milliseconds(700)

    private let clock = SystemClock()
    private let firstRequests = Mutex<[String: Duration]>([:])

    /// Chooses a fault by the event's identifier, for first attempts only, so that retries succeed.
    func fault(app: String, headers: HeaderFields) -> Fault {
        if app == "main", age(of: app) < Self.startUp { return .serverError }
        guard headers[HeaderName.deliveryAttempt] == "1", let event = headers[HeaderName.standardID] else {
            return .none
        }
        switch event.utf8.reduce(0, { ($0 &* 31 &+ Int($1)) % 9973 }) % 16 {
        case 0: return .serverError
        case 1: return .late
        case 2: return .dropped
        case 3: return .answerLost
        default: return .none
        }
    }

    func hasWrongSecret(app: String) -> Bool {
        app == "audit" && age(of: app) < Self.wrongSecret
    }

    /// Returns the time since the application's first request.
    private func age(of app: String) -> Duration {
        let now = clock.uptime
        return firstRequests.withLock { first in
            let begin = first[app] ?? now
            first[app] = begin
            return now - begin
        }
    }
}
