public import WebhookDelivery
public import WebhookLimits

/// What every transport must show: named cases that a host runs against its own, on endpoints of this machine that
/// misbehave byte by byte.
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
    /// How a transport must be made for a case.
    public struct Setup: Sendable {
        /// Which endpoints it may connect to.
        public let policy: EndpointPolicy
        /// PEM certificates to trust in place of the system's.
        public let rootCertificates: [UInt8]
        /// What host names stand for; throws or returns nothing for a name without an address.
        public let lookUp: @Sendable (_ host: String) async throws -> [IPAddress]
    }

    /// What a transport must be able to do for a case to make sense.
    public enum Ability: Sendable, Hashable, CaseIterable {
        /// Trust the certificates of ``Setup/rootCertificates``.
        case rootCertificates
        /// Look names up with ``Setup/lookUp``.
        case lookUp
    }

    /// One behaviour.
    public struct Case: Sendable, CustomStringConvertible {
        /// The behaviour, in a sentence.
        public let name: String
        /// What the transport must be able to do.
        public let needs: Set<Ability>
        private let body: @Sendable (TransportHarness) async throws -> Void

        init(
            _ name: String, needs: Set<Ability> = [],
            _ body: @escaping @Sendable (TransportHarness) async throws -> Void
        ) {
            self.name = name
            self.needs = needs
            self.body = body
        }

        /// The behaviour, in a sentence.
        public var description: String { name }

        /// Runs the case against new transports.
        ///
        /// - Parameter makeTransport: Makes a transport.
        /// - Throws: ``ConformanceFailure`` when the transport behaves otherwise.
        public func run(_ makeTransport: @escaping @Sendable (Setup) throws -> any WebhookTransport) async throws {
            try await body(TransportHarness(makeTransport: makeTransport))
        }
    }

    /// All cases.
    public static let cases: [Case] =
        exchangeCases + responseCases + endingCases + deadlineCases + addressCases + tlsCases

    /// The cases for a transport that can do only some things.
    ///
    /// - Parameter abilities: What it can do.
    /// - Returns: The cases that need nothing else.
    public static func cases(for abilities: Set<Ability>) -> [Case] {
        cases.filter { $0.needs.isSubset(of: abilities) }
    }
}
