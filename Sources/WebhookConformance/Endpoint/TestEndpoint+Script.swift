extension TestEndpoint {
    /// One step of an endpoint's behaviour on a connection.
    @nonexhaustive
    public enum Step: Sendable, Hashable {
        /// Wait for one complete request.
        case receive
        /// Wait for a complete request head, and leave the body unread.
        case receiveHead
        /// Send these bytes.
        case send([UInt8])
        /// Send these bytes one at a time, at this interval.
        case drip([UInt8], every: Duration)
        /// Send these bytes repeatedly until the client closes the connection.
        case flood([UInt8])
        /// Start TLS, in a script that does not start with the handshake.
        case startTLS
        /// Respond with the length of the latest request's body.
        case echoLength
        /// Do nothing for this long.
        case pause(Duration)
        /// Do nothing until the client closes the connection.
        case hold
        /// Close the connection without a TLS shutdown, as a crashing server does.
        case cut
        /// Reset the connection.
        case reset
    }

    /// The steps that an endpoint performs on each connection before it closes the connection.
    public struct Script: Sendable, Hashable {
        /// The steps, in order.
        public let steps: [Step]
        /// Whether the script starts over after the last step, until the client closes the connection.
        public let repeats: Bool
        /// Whether the endpoint performs the TLS handshake, if it has a certificate.
        public let handshakes: Bool

        /// Creates a script.
        ///
        /// - Parameters:
        ///   - steps: The steps, in order.
        ///   - repeats: Whether the script starts over after the last step.
        ///   - handshakes: Whether the endpoint performs the TLS handshake, if it has a certificate.
        public init(_ steps: [Step], repeats: Bool = false, handshakes: Bool = true) {
            self.steps = steps
            self.repeats = repeats
            self.handshakes = handshakes
        }

        /// Responds to every request with the same bytes, on connections that stay open.
        ///
        /// - Parameter text: The response.
        /// - Returns: The script.
        public static func answering(_ text: String) -> Script {
            Script([.receive, .send(Array(text.utf8))], repeats: true)
        }

        /// Responds to one request and closes the connection.
        ///
        /// - Parameter text: The response.
        /// - Returns: The script.
        public static func answeringOnce(_ text: String) -> Script { Script([.receive, .send(Array(text.utf8))]) }

        /// Responds to every request with 200 and no body.
        public static let ok = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        /// Accepts requests and never responds.
        public static let silent = Script([.receive, .hold])
        /// Accepts connections and never performs the TLS handshake.
        public static let stalledHandshake = Script([.hold], handshakes: false)
    }
}
