internal import WebhookEvents
internal import WebhookPayload

extension Webhook {
    /// What the owner of a webhook notes about it; the engine does not use it.
    public struct Annotations: Sendable, Hashable {
        /// What the webhook is for; at most ``maximumDescriptionLength`` characters.
        public let description: String
        /// Names and values of the owner, such as identifiers in other systems.
        public let metadata: [String: String]

        /// The most characters of a description.
        public static let maximumDescriptionLength = 256
        /// The most pairs of metadata.
        public static let maximumPairs = 20
        /// The most characters of a name in the metadata.
        public static let maximumNameLength = 40
        /// The most characters of a value in the metadata.
        public static let maximumValueLength = 500

        /// No annotations.
        public static let none = Annotations()

        private init() { (description, metadata) = ("", [:]) }

        /// Creates annotations.
        ///
        /// - Parameters:
        ///   - description: What the webhook is for.
        ///   - metadata: Names and values of the owner.
        /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/invalidAnnotations`` if one of them is too long, there are
        ///   too many pairs, or a text contains a control character.
        public init(description: String = "", metadata: [String: String] = [:]) throws(DeliveryError) {
            guard description.count <= Self.maximumDescriptionLength, !description.hasControlCharacters else {
                throw .invalidAnnotations(
                    "The description has \(description.count) characters or a control character",
                    "Use at most \(Self.maximumDescriptionLength) characters in one line.")
            }
            guard metadata.count <= Self.maximumPairs else {
                throw .invalidAnnotations(
                    "The metadata has \(metadata.count) pairs", "Use at most \(Self.maximumPairs) pairs.")
            }
            for (name, value) in metadata {
                guard (1...Self.maximumNameLength).contains(name.count), value.count <= Self.maximumValueLength,
                    !name.hasControlCharacters, !value.hasControlCharacters
                else {
                    throw .invalidAnnotations(
                        "The metadata has an invalid name or value",
                        "Use names of 1 to \(Self.maximumNameLength) and values of up to \(Self.maximumValueLength) "
                            + "characters, without control characters.")
                }
            }
            self.description = description
            self.metadata = metadata
        }
    }
}

// The stored form of the metadata. It has no version: names and values are all that it can hold.
extension Webhook.Annotations {
    /// The metadata as UTF-8 JSON for a store, ordered by name; empty without metadata.
    public var storedMetadata: String {
        guard !metadata.isEmpty else { return "" }
        var json = JSONWriter()
        json.object { json in
            for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
                json.name(name)
                json.string(value)
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Restores annotations from a store; unreadable metadata counts as none.
    ///
    /// - Parameters:
    ///   - description: The description.
    ///   - metadata: The metadata, from ``storedMetadata``.
    public init(description: String, storedMetadata metadata: String) {
        var pairs: [String: String] = [:]
        let json = metadata.isEmpty ? nil : try? JSONValue(parsing: Array(metadata.utf8))
        for member in json?.object?.members ?? [] { pairs[member.name] = member.value.string }
        self.description = description
        self.metadata = pairs
    }
}

extension DeliveryError {
    fileprivate static func invalidAnnotations(_ message: String, _ hint: String) -> DeliveryError {
        DeliveryError(.invalidAnnotations, message, hint: hint)
    }
}

extension String {
    /// Whether the text contains a control character (C0, DEL or C1).
    fileprivate var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}
