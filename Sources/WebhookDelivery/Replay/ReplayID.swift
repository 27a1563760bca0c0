public import WebhookEvents

/// The identifier of a replay, for example `job_…`.
public struct ReplayID: WebhookIdentifier {
    /// The identifier as validated text.
    public let rawValue: String

    /// Creates an identifier from text that is known to be well-formed.
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
}

extension DeliveryID {
    /// Restores a replay's cursor from its stored form.
    ///
    /// The identifier is not validated: even a damaged one is a position, and the replay must not start over.
    ///
    /// - Parameter position: The identifier; empty at the start.
    package init?(position: String) {
        guard !position.isEmpty else { return nil }
        self.init(unchecked: position)
    }
}

extension DeliveryID {
    /// The position before all identifiers of the same millisecond; `nil` for an identifier without a time.
    var millisecond: DeliveryID? {
        let start = rawValue.utf8.prefix("del_".utf8.count + 10)
        guard rawValue.utf8.count > start.count, start.allSatisfy({ $0 < 0x80 }) else { return nil }
        return DeliveryID(unchecked: String(decoding: start, as: UTF8.self))
    }
}

extension DeliveryID? {
    /// The stored form of a replay's cursor.
    package var position: String { self?.rawValue ?? "" }

    /// Returns whether the cursor has advanced; a damaged identifier can sort differently here than in the database.
    ///
    /// - Parameter start: The earlier cursor.
    /// - Returns: Whether this cursor is after the earlier one.
    package func isAfter(_ start: DeliveryID?) -> Bool {
        guard let self else { return false }
        return start.map { $0 < self } ?? true
    }
}
