#if HTTPTransport && PostgreSQL && SQLite
import Foundation
import Synchronization
import TaskFlowWebhooks

/// Measures how long an account's events wait from the publish call to the first byte of their request.
final class FirstBytes: Sendable {
    private struct State {
        var begun: [String: Duration] = [:]
        var waits: [Duration] = []
        var failures = 0
        var others: [String: Int] = [:]
    }

    let account: AccountID
    private let state = Mutex(State())

    init(_ account: AccountID) { self.account = account }

    func begins(_ event: EventID, at uptime: Duration) {
        state.withLock { $0.begun[event.rawValue] = uptime }
    }

    /// Records that the first byte of an event's request was sent at this time.
    func left(_ event: String, at uptime: Duration) {
        state.withLock { state in
            if let begin = state.begun.removeValue(forKey: event) { state.waits.append(uptime - begin) }
        }
    }

    func observe(_ occurrence: DeliveryNotification) {
        guard case .attempted(let delivery, let attempt, _, _) = occurrence else { return }
        let result = attempt.statusCode.map(String.init) ?? attempt.errorType ?? "failed"
        state.withLock { state in
            if delivery.accountID != account {
                state.others[result, default: 0] += 1
            } else if attempt.statusCode != 200 {
                state.failures += 1
            }
        }
    }

    /// The number of events whose request has not been sent.
    var missing: Int { state.withLock { $0.begun.count } }

    func json(isActive: Bool, memory: Int) -> String {
        state.withLock { state in
            let sorted = state.waits.sorted()
            func percentile(_ share: Double) -> Int {
                guard !sorted.isEmpty else { return 0 }
                return Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .microseconds(1))
            }
            let others = state.others.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
            return """
                {"p50_us": \(percentile(0.5)), "p99_us": \(percentile(0.99)), "longest_us": \(percentile(1)), \
                "events": \(sorted.count), "missing": \(state.begun.count), "failures": \(state.failures), \
                "is_active": \(isActive), "peak_kb": \(memory), \
                "others": {\(others.joined(separator: ", "))}}
                """
        }
    }
}

/// Records when requests of the account are sent.
struct FirstByteTransport: WebhookTransport {
    private let base: any WebhookTransport
    private let watch: FirstBytes
    private let clock = SystemClock()

    init(_ base: any WebhookTransport, _ watch: FirstBytes) { (self.base, self.watch) = (base, watch) }

    var policy: EndpointPolicy { base.policy }

    func send(_ request: WebhookRequest) async throws -> WebhookResponse {
        guard request.accountID == watch.account else { return try await base.send(request) }
        let begin = clock.uptime
        let response = try await base.send(request)
        let timings = response.timings ?? WebhookResponse.PhaseTimings()
        let before = [timings.waiting, timings.lookup, timings.connect, timings.tls].compactMap(\.self).reduce(.zero, +)
        watch.left(request.headers["webhook-id"] ?? "", at: begin + before)
        return response
    }
}
#endif
