public import WebhookEvents
public import WebhookPayload
public import WebhookRetries
internal import WebhookSigning

/// A sender that delivers events to a consumer as TaskFlow does, with retries, duplicates and reordering.
///
/// It retries each event until the consumer responds with 2xx. Seven hours of retries take no real time, because the
/// test supplies the clock.
///
/// ```swift
/// let sender = MockSender(signer: try TestSigner(secret: secret), clock: clock)
/// let reports = await sender.deliver(try SampleEvents(seed: 1).take(50), duplicates: 1, shuffledBy: 7) { request in
///     await receiver.respond(method: request.method, headers: request.headers, body: request.body).status
/// }
/// #expect(reports.filter { !$0.isDelivered }.isEmpty)
/// ```
public struct MockSender: Sendable {
    /// A closure that returns the HTTP status of a response, or throws when there is no response.
    public typealias Endpoint = (_ request: TestRequest) async throws -> Int

    /// The result of delivering one event.
    public struct Report: Sendable, Hashable {
        /// The event's identifier.
        public let event: EventID
        /// The status of each attempt, in order; `nil` for an attempt without a response.
        public internal(set) var statuses: [Int?] = []
        /// Whether one of the statuses was 2xx.
        public internal(set) var isDelivered = false
    }

    private struct Attempt {
        let index: Int
        let number: Int
        let isRepeat: Bool
        let at: Timestamp
    }

    private let signer: TestSigner
    private let clock: ManualClock
    private let retries: RetryPolicy

    /// Creates a sender.
    ///
    /// - Parameters:
    ///   - signer: Signs each attempt.
    ///   - clock: The clock, which the sender advances to the time of each attempt.
    ///   - retries: When failed deliveries are retried.
    public init(signer: TestSigner, clock: ManualClock, retries: RetryPolicy = .standard) {
        self.signer = signer
        self.clock = clock
        self.retries = retries
    }

    /// Delivers events until the endpoint accepts each one or its retries are exhausted.
    ///
    /// - Parameters:
    ///   - events: The events.
    ///   - duplicates: How many times each accepted event is sent again, as if the response had been lost.
    ///   - seed: The seed for shuffling the events; `nil` keeps their order.
    ///   - endpoint: The consumer.
    /// - Returns: One report per event, in the order of `events`.
    public func deliver(
        _ events: [Envelope], duplicates: Int = 0, shuffledBy seed: UInt64? = nil, to endpoint: Endpoint
    ) async -> [Report] {
        var generator = SeededGenerator(seed: seed ?? 0)
        var reports = events.map { Report(event: $0.id) }
        var order = Array(events.indices)
        if seed != nil { order.shuffle(using: &generator) }
        var waiting = order.map { Attempt(index: $0, number: 1, isRepeat: false, at: clock.now) }
        while let next = waiting.indices.min(by: { waiting[$0].at < waiting[$1].at }) {
            let attempt = waiting.remove(at: next)
            clock.advance(by: max(.zero, attempt.at - clock.now))
            let event = events[attempt.index]
            let request = signer.request(
                for: event, at: clock.now, attempt: attempt.number, delivery: DeliveryID(unchecked: "del_\(event.id)"))
            let status = try? await endpoint(request)
            reports[attempt.index].statuses.append(status)
            let outcome =
                status.map { AttemptOutcome.response(status: $0, retryAfter: nil) } ?? .failure(.connectionReset)
            switch retries.decision(after: outcome, attempt: attempt.number, using: &generator) {
            case .succeed:
                reports[attempt.index].isDelivered = true
                guard !attempt.isRepeat else { continue }
                for number in 0..<duplicates {
                    let later = clock.now + .seconds(Int64(number) + 1)
                    waiting.append(
                        Attempt(index: attempt.index, number: attempt.number + 1 + number, isRepeat: true, at: later))
                }
            case .retry(let delay) where !attempt.isRepeat:
                waiting.append(
                    Attempt(
                        index: attempt.index, number: attempt.number + 1, isRepeat: false, at: clock.now + delay))
            case .retry, .giveUp: continue
            }
        }
        return reports
    }
}
