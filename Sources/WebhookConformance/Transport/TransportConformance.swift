public import WebhookDelivery
public import WebhookLimits

/// Conformance tests for transports: named cases that a host runs against its own implementation.
///
/// The cases send requests to local endpoints that misbehave byte by byte.
///
/// ```swift
/// @Test(arguments: TransportConformance.cases)
/// func conformance(_ example: TransportConformance.Case) async throws {
///     try await example.run { setup in
///         MyTransport(policy: setup.policy, trusting: setup.rootCertificates, lookingUp: setup.lookUp)
///     }
/// }
/// ```
public enum TransportConformance {
    /// The configuration of a transport for one case.
    public struct Setup: Sendable {
        /// The policy for the endpoints that the transport may connect to.
        public let policy: EndpointPolicy
        /// The PEM certificates to trust instead of the system's; if empty, the system's are trusted.
        public let rootCertificates: [UInt8]
        /// Resolves a host name; throws or returns no addresses if the name has none.
        public let lookup: @Sendable (_ host: String) async throws -> [IPAddress]
    }

    /// A capability that a case requires of the transport.
    public enum Capability: Sendable, Hashable, CaseIterable {
        /// The transport can trust the certificates in ``Setup/rootCertificates``.
        case rootCertificates
        /// The transport can resolve names with ``Setup/lookup``.
        case lookup
    }

    /// A test of one required behaviour.
    public struct Case: Sendable, CustomStringConvertible {
        /// The required behaviour, as a sentence.
        public let name: String
        /// The capabilities that the case requires of the transport.
        public let needs: Set<Capability>
        private let body: @Sendable (TransportHarness) async throws -> Void

        init(
            _ name: String, needs: Set<Capability> = [],
            _ body: @escaping @Sendable (TransportHarness) async throws -> Void
        ) {
            self.name = name
            self.needs = needs
            self.body = body
        }

        /// The required behaviour, as a sentence.
        public var description: String { name }

        /// Runs the case against new transports.
        ///
        /// - Parameter makeTransport: Creates a transport.
        /// - Throws: ``ConformanceFailure`` when the transport behaves differently.
        public func run(_ makeTransport: @escaping @Sendable (Setup) throws -> any WebhookTransport) async throws {
            try await body(TransportHarness(makeTransport: makeTransport))
        }
    }

    /// All cases.
    public static let cases: [Case] =
        exchangeCases + responseCases + responseEndCases + deadlineCases + addressCases + tlsCases

    /// Returns the cases for a transport with limited capabilities.
    ///
    /// - Parameter capabilities: The capabilities of the transport.
    /// - Returns: The cases that require no other capabilities.
    public static func cases(for capabilities: Set<Capability>) -> [Case] {
        cases.filter { $0.needs.isSubset(of: capabilities) }
    }
}
