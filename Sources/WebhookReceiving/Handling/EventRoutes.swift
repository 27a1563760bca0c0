internal import WebhookEvents

/// The handlers of each event type.
struct EventRoutes: Sendable {
    typealias Work = @Sendable (TaskFlowEvent, WebhookContext) async throws -> Void

    /// A handler and its resource order.
    struct Handler: Sendable {
        let order: (any ResourceOrder)?
        let work: Work
    }

    /// The handlers by event type; those with a resource order come first.
    private var handlers: [EventType: [Handler]] = [:]
    private var anyHandlers: [Handler] = []
    private var unknownHandler: (@Sendable (UnknownEvent, WebhookContext) async throws -> Void)?

    mutating func add(_ type: EventType, order: (any ResourceOrder)?, _ work: @escaping Work) {
        let all = handlers[type, default: []]
        let place = order == nil ? all.endIndex : all.firstIndex { $0.order == nil } ?? all.endIndex
        handlers[type, default: []].insert(Handler(order: order, work: work), at: place)
    }

    mutating func addAny(_ work: @escaping Work) { anyHandlers.append(Handler(order: nil, work: work)) }

    mutating func setUnknown(_ handler: @escaping @Sendable (UnknownEvent, WebhookContext) async throws -> Void) {
        unknownHandler = handler
    }

    /// Runs the handlers of an event one after the other, and returns whether one was skipped because the event is
    /// outdated.
    ///
    /// Handlers with a resource order run first, so if one of them must wait, no other handler has run yet.
    ///
    /// An event without a handler is accepted, because a retry would not find one either.
    func run(_ event: TaskFlowEvent, _ context: WebhookContext, now: Timestamp, lease: Duration) async throws -> Bool {
        var isOutdated = false
        for handler in handlers[event.type, default: []] + anyHandlers {
            guard let order = handler.order, let position = context.position else {
                try await handler.work(event, context)
                continue
            }
            switch try await order.begin(position, now: now, until: now + lease) {
            case .busy: throw ResourceBusy()
            case .outdated: isOutdated = true
            case .granted(let claim):
                do { try await handler.work(event, context) } catch {
                    try? await ignoringCancellation { try await order.end(claim, isHandled: false) }
                    throw error
                }
                // If this fails, the resource stays busy until the lease ends; the event is handled in any case.
                try? await ignoringCancellation { try await order.end(claim, isHandled: true) }
            }
        }
        if case .unknown(let unknown) = event, handlers[event.type] == nil {
            try await unknownHandler?(unknown, context)
        }
        return isOutdated
    }
}

/// An error thrown if another event of the same resource is being handled.
struct ResourceBusy: Error {}
