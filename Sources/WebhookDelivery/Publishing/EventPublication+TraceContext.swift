public import WebhookEvents

extension EventPublication {
    /// The trace that an event belongs to: the header fields of W3C Trace Context.
    ///
    /// Source: <https://www.w3.org/TR/trace-context/>, sections 3.2 and 3.3.
    public struct TraceContext: Sendable, Hashable {
        /// The version, the trace, the parent span and the flags, such as
        /// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
        public let traceparent: String
        /// The vendors' values; at most 512 printable ASCII characters.
        public let tracestate: String?

        /// Creates a trace context from header fields; `nil` if `traceparent` is not valid.
        ///
        /// An event without its trace is better than no event, so nothing is thrown; an invalid `tracestate` is left out.
        ///
        /// - Parameters:
        ///   - traceparent: The field `traceparent`.
        ///   - tracestate: The field `tracestate`.
        public init?(traceparent: String, tracestate: String? = nil) {
            guard Self.isParent(traceparent) else { return nil }
            self.traceparent = traceparent
            self.tracestate = tracestate.flatMap { Self.isState($0) ? $0 : nil }
        }

        private static func isParent(_ text: String) -> Bool {
            let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard parts.map(\.count) == [2, 32, 16, 2],
                parts.joined().allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
            else { return false }
            let isZero = parts[1...2].contains { $0.allSatisfy { $0 == UInt8(ascii: "0") } }
            return !isZero && !parts[0].elementsEqual("ff".utf8)
        }

        private static func isState(_ text: String) -> Bool {
            (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        }
    }
}

// The stored form: both fields, separated by a space. SQL writes it as well.
extension EventPublication.TraceContext: StoredForm {
    /// The trace context, encoded as text for a store.
    public var stored: String { tracestate.map { "\(traceparent) \($0)" } ?? traceparent }

    /// Decodes a trace context from ``stored``.
    ///
    /// - Parameter stored: The text.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unreadable`` if the text has another form.
    public init(stored: String) throws(DeliveryError) {
        let parts = stored.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let trace = Self(traceparent: parts[0], tracestate: parts.count > 1 ? parts[1] : nil) else {
            throw DeliveryError(
                .unreadable, "The trace context of an event cannot be read",
                hint: "Read it with the version that wrote it.")
        }
        self = trace
    }
}
