internal import WebhookEvents

/// Which handlers an event goes to.
struct EventRoutes: Sendable {
    typealias Handler = @Sendable (TaskFlowEvent, WebhookContext) async throws -> Void

    private var handlers: [EventType: [Handler]] = [:]
    private var anyHandlers: [Handler] = []
    private var unknownHandler: (@Sendable (UnknownEvent, WebhookContext) async throws -> Void)?

    mutating func add(_ type: EventType, _ handler: @escaping Handler) {
        handlers[type, default: []].append(handler)
    }

    mutating func addAny(_ handler: @escaping Handler) { anyHandlers.append(handler) }

    mutating func setUnknown(_ handler: @escaping @Sendable (UnknownEvent, WebhookContext) async throws -> Void) {
        unknownHandler = handler
    }

    /// Runs the handlers of an event, one after the other.
    ///
    /// An event nobody asked for is accepted all the same: asking the sender to come again would not make a handler
    /// appear.
    func run(_ event: TaskFlowEvent, _ context: WebhookContext) async throws {
        for handler in handlers[event.type, default: []] + anyHandlers { try await handler(event, context) }
        if case .unknown(let unknown) = event { try await unknownHandler?(unknown, context) }
    }
}
