public import WebhookEvents
public import WebhookPayload
public import WebhookSigning

/// The consumer's side in one value: verify, decode, deduplicate, route, answer.
///
/// It knows no server framework: give it the method, the header fields and the raw body, and send back what it answers.
public struct WebhookReceiver: Sendable {
    /// The largest body that is accepted: 10 MiB, a little more than TaskFlow sends.
    public static let maximumBodyLength = 10_485_760

    private let verifier: WebhookVerifier
    private let deduplication: any DeduplicationStore
    private let clock: any WebhookClock
    private let background: BackgroundQueue?
    private let maximumBodyLength: Int
    private var routes = EventRoutes()
    private var errorHandler: (@Sendable (any Error, WebhookContext) async -> Void)?

    /// Creates a receiver without handlers.
    ///
    /// - Parameters:
    ///   - verifier: Proves where requests come from.
    ///   - deduplication: Remembers which events were handled.
    ///   - clock: The time.
    ///   - background: Where handlers run after the answer; without it they run before, and a handler that throws makes
    ///     the sender come again.
    ///   - maximumBodyLength: The largest body that is accepted, in bytes.
    public init(
        verifier: WebhookVerifier, deduplication: any DeduplicationStore, clock: any WebhookClock,
        background: BackgroundQueue? = nil, maximumBodyLength: Int = WebhookReceiver.maximumBodyLength
    ) {
        self.verifier = verifier
        self.deduplication = deduplication
        self.clock = clock
        self.background = background
        self.maximumBodyLength = maximumBodyLength
    }

    /// Handles events of one type.
    ///
    /// - Parameters:
    ///   - payload: The Swift type of the event's data.
    ///   - handler: Does the work; what it throws makes the sender come again, unless it runs in the background.
    public mutating func on<Payload: EventPayload>(
        _ payload: Payload.Type,
        _ handler: @escaping @Sendable (_ event: Payload, _ context: WebhookContext) async throws -> Void
    ) {
        routes.add(Payload.eventType) { event, context in
            if let payload = Payload(event) { try await handler(payload, context) }
        }
    }

    /// Handles every event, after the handlers of its type.
    ///
    /// - Parameter handler: Does the work.
    public mutating func onAny(
        _ handler: @escaping @Sendable (_ event: TaskFlowEvent, _ context: WebhookContext) async throws -> Void
    ) {
        routes.addAny(handler)
    }

    /// Handles events of types that were added after this code was built; without it they are accepted and dropped.
    ///
    /// - Parameter handler: Does the work.
    public mutating func onUnknown(
        _ handler: @escaping @Sendable (_ event: UnknownEvent, _ context: WebhookContext) async throws -> Void
    ) {
        routes.setUnknown(handler)
    }

    /// Sees what handlers throw.
    ///
    /// - Parameter handler: Logs the error.
    public mutating func onError(
        _ handler: @escaping @Sendable (_ error: any Error, _ context: WebhookContext) async -> Void
    ) {
        errorHandler = handler
    }
}

extension WebhookReceiver {
    /// Answers one request.
    ///
    /// | status | when |
    /// |---|---|
    /// | 200 | the event is handled, was handled before, or is of a type nobody asked for |
    /// | 400 | genuine, but no envelope |
    /// | 401 | the signature is missing, malformed or wrong |
    /// | 405, 413, 415 | not `POST`, too large, not JSON |
    /// | 409 | the same event is being handled right now |
    /// | 500, 503 | the handler threw, or there is no room: come again |
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - headers: The header fields.
    ///   - body: The raw body, before any parser.
    /// - Returns: What to send back.
    public func respond(method: String, headers: HeaderFields, body: [UInt8]) async -> WebhookReply {
        if let refusal = refusal(method: method, headers: headers, bodyLength: body.count) { return refusal }
        let verified: VerifiedPayload
        do { verified = try verifier.verify(body, headers: headers, now: clock.now) } catch {
            return WebhookReply(error.suggestedStatus, .refused(error.description))
        }
        let context: WebhookContext
        let event: TaskFlowEvent
        do {
            let decoded = try verified.decoded()
            event = decoded.event
            context = WebhookContext(envelope: decoded.envelope, proof: decoded.proof, headers: headers)
        } catch {
            return WebhookReply(400, .refused(error.description))
        }
        return await deduplicate(event, context)
    }

    /// What can be refused before the body is read, or `nil`: servers call it to spare themselves 10 MiB of junk.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - headers: The header fields.
    ///   - bodyLength: The length of the body as far as it is known.
    /// - Returns: What to send back at once, or `nil` to go on.
    public func refusal(method: String, headers: HeaderFields, bodyLength: Int) -> WebhookReply? {
        guard method == "POST" else {
            return WebhookReply(405, .refused("Webhooks are sent with POST."), headers: ["Allow": "POST"])
        }
        guard bodyLength <= maximumBodyLength else {
            return WebhookReply(413, .refused("The body has more than \(maximumBodyLength) bytes."))
        }
        let mediaType = headers[HeaderName.contentType]?.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        guard mediaType.map({ $0.lowercased() == "application/json" }) ?? true else {
            return WebhookReply(415, .refused("Webhooks are application/json."))
        }
        return nil
    }

    private func deduplicate(_ event: TaskFlowEvent, _ context: WebhookContext) async -> WebhookReply {
        let key = DeduplicationKey(account: context.account, event: context.id)
        do {
            switch try await deduplication.claim(key, now: clock.now) {
            case .duplicate: return WebhookReply(200, .duplicate)
            case .inProgress: return WebhookReply(409, .failed("The event is being handled."))
            case .claimed: break
            }
        } catch {
            return WebhookReply(503, .failed("The deduplication store is unavailable."))
        }
        guard let background else {
            return await handle(event, context, key)
                ? WebhookReply(200, .accepted) : WebhookReply(500, .failed("The handler failed."))
        }
        guard background.add({ _ = await handle(event, context, key) }) else {
            try? await deduplication.release(key)
            return WebhookReply(503, .failed("Too many events wait."), headers: ["Retry-After": "5"])
        }
        return WebhookReply(200, .accepted)
    }

    /// Runs the handlers and settles the claim; `false` when the event should come again.
    private func handle(_ event: TaskFlowEvent, _ context: WebhookContext, _ key: DeduplicationKey) async -> Bool {
        do {
            try await routes.run(event, context)
            try await deduplication.commit(key, now: clock.now)
            return true
        } catch {
            try? await deduplication.release(key)
            await errorHandler?(error, context)
            return false
        }
    }
}
