internal import WebhookEvents

/// Which handlers an event goes to.
struct EventRoutes: Sendable {
    typealias Work = @Sendable (TaskFlowEvent, WebhookContext) async throws -> Void

    /// A handler, and what keeps its resources in order.
    struct Handler: Sendable {
        let order: (any ResourceOrder)?
        let work: Work
    }

    /// Those that keep an order stand before the others.
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

    /// Runs the handlers of an event, one after the other, and says whether any of them was left out as outdated.
    ///
    /// Those that keep an order come first: while they have to wait, nothing else has run.
    ///
    /// An event nobody asked for is accepted all the same: asking the sender to come again would not make a handler
    /// appear.
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
            case .yours(let claim):
                do { try await handler.work(event, context) } catch {
                    try? await evenWhenCancelled { try await order.end(claim, isHandled: false) }
                    throw error
                }
                // When this fails the resource is free at the end of the lease; the event itself is handled.
                try? await evenWhenCancelled { try await order.end(claim, isHandled: true) }
            }
        }
        if case .unknown(let unknown) = event, handlers[event.type] == nil {
            try await unknownHandler?(unknown, context)
        }
        return isOutdated
    }
}

/// Another event of the same resource is being handled.
struct ResourceBusy: Error {}
