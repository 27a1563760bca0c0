import Synchronization
import WebhookReceiving

// Runs the whole receiver with any method, headers and body, at once or in parts. The bits of the first byte select how
// the body is signed, so that the code after verification is reached, too.

private struct Setup {
    let signer: WebhookSigner
    let key: WebhookSecret
    let receiver: WebhookReceiver

    init() throws {
        let secret = try WebhookSecret("the secret of the fuzzed receiver")
        var generator = FixedGenerator()
        key = try WebhookSecret.randomSigningKey(using: &generator)
        signer = try WebhookSigner(secret, additional: [key])
        var receiver = WebhookReceiver(
            verifier: try WebhookVerifier(secret: secret, previous: [key.verificationKey], policy: .either()),
            deduplication: InMemoryDeduplication(capacity: 1000), clock: StoppedClock())
        let order = InMemoryResourceOrder(capacity: 1000)
        receiver.on(TaskUpdated.self, order: order) { event, _ in blackHole(event.task.title) }
        receiver.on(TaskCreated.self) { event, context in
            if event.task.title.isEmpty { throw Refused() }
            blackHole(context.id.rawValue)
        }
        receiver.onUnknown { event, _ in blackHole(event.type.rawValue) }
        self.receiver = receiver
    }
}

private struct Refused: Error {}

/// The same key in every run.
private struct FixedGenerator: RandomNumberGenerator {
    func next() -> UInt64 { 0x9E37_79B9_7F4A_7C15 }
}

/// A body in parts of seven bytes.
private struct Parts: AsyncSequence, AsyncIteratorProtocol {
    var rest: ArraySlice<UInt8>
    func makeAsyncIterator() -> Parts { self }
    mutating func next() async -> [UInt8]? {
        defer { rest = rest.dropFirst(7) }
        return rest.isEmpty ? nil : Array(rest.prefix(7))
    }
}

private struct StoppedClock: WebhookClock {
    let now = Timestamp(unixSeconds: 1_707_583_522)
    let uptime = Duration.zero
    func sleep(for duration: Duration) async throws {}
}

private let setup = try? Setup()

@inline(never)
private func blackHole(_ text: String) {}

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let setup, let first = input.first else { return 0 }
    let rest = input.dropFirst()
    let end = rest.firstIndex(of: 0) ?? rest.startIndex
    let body = Array(rest[min(end + 1, rest.endIndex)...])
    var headers = HeaderFields()
    for line in rest[..<end].split(separator: UInt8(ascii: "\n")) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.startIndex
        headers.append(
            String(decoding: line[..<colon], as: UTF8.self), String(decoding: line[colon...].dropFirst(), as: UTF8.self)
        )
    }
    if first & 1 == 1 { headers.append("X-TaskFlow-Signature", setup.signer.taskFlowSignature(of: body)) }
    if first & 4 == 4 {
        let id = (try? Envelope(parsing: body).id) ?? "evt_fuzz"
        for field in setup.signer.headers(for: body.span, id: id, at: StoppedClock().now).lines.dropFirst() {
            headers.append(field.name, field.value)
        }
    }
    let method = first & 2 == 0 ? "POST" : "GET"
    let status = Mutex(0)
    // Nothing in the task suspends, so it has finished when `immediate` returns.
    Task.immediate {
        let reply =
            first & 8 == 0
            ? await setup.receiver.respond(method: method, headers: headers, body: body)
            : try await setup.receiver.respond(method: method, headers: headers, chunks: Parts(rest: body[...]))
        status.withLock { $0 = reply.status }
    }
    let allowed = [200, 400, 401, 405, 409, 413, 415, 500, 503]
    guard allowed.contains(status.withLock { $0 }) else { fatalError("the status is not documented") }
    return 0
}
