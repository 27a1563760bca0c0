public import WebhookEvents
internal import WebhookPayload

/// What became of a published event, webhook by webhook.
public struct PublishReceipt: Sendable, Hashable {
    /// One webhook's part.
    public struct Entry: Sendable, Hashable {
        /// The account's webhook.
        public let webhook: WebhookID
        /// The delivery that was made, or why none was.
        public let result: Result

        /// Creates an entry.
        ///
        /// - Parameters:
        ///   - webhook: The account's webhook.
        ///   - result: The delivery that was made, or why none was.
        public init(webhook: WebhookID, result: Result) {
            self.webhook = webhook
            self.result = result
        }
    }

    /// What publishing came to for one webhook.
    public enum Result: Sendable, Hashable {
        /// The event will be delivered.
        case delivery(DeliveryID)
        /// It will not.
        case skipped(SkipReason)
    }

    /// Names the event.
    public let event: EventID
    /// Whether the same event with the same bytes was published before; nothing has changed then.
    public let isDuplicate: Bool
    /// The account's webhooks as they were when the event was published first.
    public let entries: [Entry]

    /// Creates a receipt.
    ///
    /// - Parameters:
    ///   - event: Names the event.
    ///   - isDuplicate: Whether it was published before.
    ///   - entries: The account's webhooks.
    public init(event: EventID, isDuplicate: Bool, entries: [Entry]) {
        self.event = event
        self.isDuplicate = isDuplicate
        self.entries = entries
    }

    /// The deliveries that were made.
    public var deliveries: [DeliveryID] {
        entries.compactMap { if case .delivery(let id) = $0.result { id } else { nil } }
    }
}

// The form that stores keep. It has a version, so that a later library can tell what an earlier one wrote.
extension PublishReceipt {
    /// The entries as bytes for a store, so that publishing again gives the same receipt.
    ///
    /// - Returns: JSON, UTF-8.
    public func encodedEntries() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.name("entries")
            json.array(entries) { json, entry in
                json.object { json in
                    json.write("webhook", entry.webhook.rawValue)
                    switch entry.result {
                    case .delivery(let id): json.write("delivery", id.rawValue)
                    case .skipped(let reason): json.write("skipped", reason.rawValue)
                    }
                }
            }
        }
        return json.bytes
    }

    /// The receipt of an event that was published before; `nil` when the bytes are something else.
    ///
    /// - Parameters:
    ///   - event: Names the event.
    ///   - bytes: What ``encodedEntries()`` wrote.
    public init?(duplicateOf event: EventID, encodedEntries bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1,
            let entries = json["entries"]?.array
        else { return nil }
        self.init(event: event, isDuplicate: true, entries: entries.compactMap(Entry.init(json:)))
        guard self.entries.count == entries.count else { return nil }
    }
}

extension PublishReceipt.Entry {
    fileprivate init?(json: JSONValue) {
        guard let webhook = json["webhook"]?.string.flatMap({ WebhookID($0) }) else { return nil }
        if let delivery = json["delivery"]?.string.flatMap({ DeliveryID($0) }) {
            self.init(webhook: webhook, result: .delivery(delivery))
        } else if let reason = json["skipped"]?.string.flatMap(SkipReason.init(rawValue:)) {
            self.init(webhook: webhook, result: .skipped(reason))
        } else {
            return nil
        }
    }
}
