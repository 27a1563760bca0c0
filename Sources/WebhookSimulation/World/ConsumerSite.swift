internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookReceiving
internal import WebhookSigning

/// An endpoint with a real receiver, which has one process at a time and a database that outlives the process.
final class ConsumerSite: @unchecked Sendable {
    /// A callback with the status of the response, or `nil` when the connection broke.
    typealias Reply = (Int?) -> Void

    unowned let world: SimulatedWorld
    let url: String
    private let memory: any DeduplicationStore
    private(set) var host: SimulatedHost?
    private var waiting: [Int: Reply] = [:]
    private var lastRequest = 0

    init(world: SimulatedWorld, url: String, memory: any DeduplicationStore) {
        self.world = world
        self.url = url
        self.memory = memory
        boot()
    }

    private func boot() {
        let host = world.makeHost()
        host.onCrash = { [unowned self] in crashed() }
        self.host = host
    }

    private func crashed() {
        host = nil
        // Connections break with the process.
        let broken = waiting.sorted { $0.key < $1.key }
        waiting = [:]
        for (_, reply) in broken { reply(nil) }
        world.scheduler.after(Int64(world.scheduler.chance.below(5_000_000))) { [weak self] in self?.boot() }
    }

    /// Ends the consumer's process at the end of a run.
    func end() {
        host?.onCrash = {}
        host?.crash()
        (host, waiting) = (nil, [:])
    }

    /// Handles a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - event: The event of the request.
    ///   - secrets: The secrets that the webhook's owner has received.
    ///   - reply: Called with the outcome.
    func receive(_ request: WebhookRequest, of event: EventID, secrets: [WebhookSecret], reply: @escaping Reply) {
        guard let host, let primary = secrets.last,
            let verifier = try? WebhookVerifier(secret: primary, previous: secrets.dropLast(), policy: .taskFlow)
        else { return reply(nil) }
        lastRequest += 1
        let number = lastRequest
        waiting[number] = reply
        world.history.handlingBegins(event, at: url, on: host.number)
        let consumer = SimulatedConsumer(site: self, host: host, memory: memory, verifier: verifier)
        let receiver = world.makeReceiver(consumer)
        host.start { [self] in
            let answer = await receiver.respond(method: "POST", headers: request.headers, body: request.body)
            world.history.handlingEnds(event, at: url, status: answer.status)
            waiting.removeValue(forKey: number)?(answer.status)
        }
    }
}
