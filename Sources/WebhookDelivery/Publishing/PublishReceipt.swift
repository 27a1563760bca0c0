public import WebhookEvents
internal import WebhookPayload

/// The result of a publish, for each webhook of the account.
public struct PublishReceipt: Sendable, Hashable {
    /// The result for one webhook.
    public struct Entry: Sendable, Hashable {
        /// The account's webhook.
        public let webhookID: WebhookID
        /// The delivery, or the reason why there is none.
        public let result: Result

        /// Creates an entry.
        ///
        /// - Parameters:
        ///   - webhookID: The account's webhook.
        ///   - result: The delivery, or the reason why there is none.
        public init(webhookID: WebhookID, result: Result) {
            self.webhookID = webhookID
            self.result = result
        }
    }

    /// The result of a publish for one webhook.
    public enum Result: Sendable, Hashable {
        /// The event will be delivered.
        case delivery(DeliveryID)
        /// The event will not be delivered, for this reason.
        case skipped(PublishReceipt.SkipReason)
    }

    /// The event's identifier.
    public let eventID: EventID
    /// Whether the same event with the same bytes was published before; this call then changed nothing.
    public let isDuplicate: Bool
    /// The results for the webhooks that the account had when the event was first published.
    public let entries: [Entry]

    /// Creates a receipt.
    ///
    /// - Parameters:
    ///   - eventID: The event's identifier.
    ///   - isDuplicate: Whether the event was published before.
    ///   - entries: The results for the account's webhooks.
    public init(eventID: EventID, isDuplicate: Bool, entries: [Entry]) {
        self.eventID = eventID
        self.isDuplicate = isDuplicate
        self.entries = entries
    }

    /// The identifiers of the deliveries that were created.
    public var deliveryIDs: [DeliveryID] {
        entries.compactMap { if case .delivery(let id) = $0.result { id } else { nil } }
    }
}

// The stored form. It has a version, so that later versions of the library can read it.
extension PublishReceipt {
    /// The entries as UTF-8 JSON for a store, so that publishing again returns the same receipt.
    public var storedEntries: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.name("entries")
            json.array(entries) { json, entry in
                json.object { json in
                    json.write("webhook", entry.webhookID.rawValue)
                    switch entry.result {
                    case .delivery(let id): json.write("delivery", id.rawValue)
                    case .skipped(let reason): json.write("skipped", reason.rawValue)
                    }
                }
            }
        }
        return json.bytes
    }

    /// Creates the receipt of an event that was published before; `nil` if the bytes cannot be decoded.
    ///
    /// - Parameters:
    ///   - event: The event's identifier.
    ///   - bytes: The bytes from ``storedEntries``.
    public init?(duplicateOf event: EventID, storedEntries bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1,
            let entries = json["entries"]?.array
        else { return nil }
        self.init(eventID: event, isDuplicate: true, entries: entries.compactMap(Entry.init(json:)))
        guard self.entries.count == entries.count else { return nil }
    }
}

extension PublishReceipt.Entry {
    fileprivate init?(json: JSONValue) {
        guard let webhook = json["webhook"]?.string.flatMap({ WebhookID($0) }) else { return nil }
        if let delivery = json["delivery"]?.string.flatMap({ DeliveryID($0) }) {
            self.init(webhookID: webhook, result: .delivery(delivery))
        } else if let reason = json["skipped"]?.string.flatMap(PublishReceipt.SkipReason.init(rawValue:)) {
            self.init(webhookID: webhook, result: .skipped(reason))
        } else {
            return nil
        }
    }
}
