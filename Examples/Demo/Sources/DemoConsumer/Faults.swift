import Synchronization
import WebhookReceiver

/// How the consumer misbehaves: as real ones do, and the same in every run.
final class Faults: Sendable {
    enum Fault {
        case none
        /// Answers 500, as an application whose database is down.
        case serverError
        /// Does the work, but answers after the sender's deadline.
        case late
        /// Closes the connection without an answer and without doing the work.
        case dropped
        /// Does the work, then closes the connection before the answer.
        case answerLost
    }

    private let requests = Mutex<[String: Int]>([:])

    /// The requests each application answers with 500 at first: it is just starting.
    static let startupErrors = 12
    /// The requests after which somebody notices that the audit application has a wrong secret.
    static let requestsWithWrongSecret = 30

    /// Chooses by the event, on first attempts only, so that retries succeed.
    func fault(app: String, headers: HeaderFields) -> Fault {
        let number = count(app)
        if app == "main", number <= Self.startupErrors { return .serverError }
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

    private func count(_ app: String) -> Int {
        requests.withLock { requests in
            requests[app, default: 0] += 1
            return requests[app, default: 0]
        }
    }

    func hasWrongSecret(app: String) -> Bool {
        app == "audit" && requests.withLock { $0[app, default: 0] } <= Self.requestsWithWrongSecret
    }
}
