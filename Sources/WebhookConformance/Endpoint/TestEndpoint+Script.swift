extension TestEndpoint {
    /// One thing that an endpoint does on a connection.
    @nonexhaustive
    public enum Step: Sendable, Hashable {
        /// Wait for one complete request.
        case receive
        /// Wait for a complete request head; the body stays unread.
        case receiveHead
        /// Send these bytes.
        case send([UInt8])
        /// Send these bytes one by one, this long apart.
        case drip([UInt8], every: Duration)
        /// Send these bytes again and again until the peer closes.
        case flood([UInt8])
        /// Begin TLS, on a script that does not begin with it.
        case startTLS
        /// Answer with the length of the latest request's body.
        case echoLength
        /// Do nothing for a while.
        case pause(Duration)
        /// Do nothing until the peer closes.
        case hold
        /// Close the connection without ending TLS, as a server that crashes does.
        case cut
        /// Break the connection off with a reset.
        case reset
    }

    /// What an endpoint does on each connection, step by step; at the end it closes.
    public struct Script: Sendable, Hashable {
        /// The steps, in order.
        public let steps: [Step]
        /// Whether it begins anew after the last step, until the peer closes.
        public let repeats: Bool
        /// Whether it takes part in the TLS handshake, if it has a certificate.
        public let handshakes: Bool

        /// Creates a script.
        ///
        /// - Parameters:
        ///   - steps: The steps, in order.
        ///   - repeats: Whether it begins anew after the last step.
        ///   - handshakes: Whether it takes part in the TLS handshake, if it has a certificate.
        public init(_ steps: [Step], repeats: Bool = false, handshakes: Bool = true) {
            self.steps = steps
            self.repeats = repeats
            self.handshakes = handshakes
        }

        /// Answers every request with the same bytes, on connections that stay open.
        ///
        /// - Parameter text: The response.
        /// - Returns: The script.
        public static func answering(_ text: String) -> Script {
            Script([.receive, .send(Array(text.utf8))], repeats: true)
        }

        /// Answers one request and closes.
        ///
        /// - Parameter text: The response.
        /// - Returns: The script.
        public static func answeringOnce(_ text: String) -> Script { Script([.receive, .send(Array(text.utf8))]) }

        /// Answers every request with 200 and no body.
        public static let ok = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        /// Takes requests and never answers.
        public static let silent = Script([.receive, .hold])
        /// Accepts connections and takes no part in the TLS handshake.
        public static let stalledHandshake = Script([.hold], handshakes: false)
    }
}
