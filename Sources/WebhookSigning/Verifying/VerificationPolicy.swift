/// Which proof a verifier demands.
public struct VerificationPolicy: Sendable, Hashable {
    /// How far a signed time may lie from now, both ways.
    ///
    /// 300 s is what the Standard Webhooks libraries use.
    public static let standardTolerance = Duration.seconds(300)

    enum Demand: Sendable, Hashable { case documented, timestamped, either }

    let demand: Demand
    /// Whole seconds, as the header has no more.
    let toleranceSeconds: Int64

    private init(demand: Demand, tolerance: Duration) {
        self.demand = demand
        self.toleranceSeconds = tolerance.components.seconds
    }

    /// `X-TaskFlow-Signature` alone, for senders and proxies that pass nothing else on.
    ///
    /// It signs the body and nothing more. A captured request verifies for as long as the secret is in use, so replays are stopped
    /// only by deduplication and by `ReceiverLimits.maximumAge`; it covers no time, no identifier of the attempt and no other header.
    /// Prefer ``timestamped(tolerance:)``, the default, whose headers every request of TaskFlow carries as well.
    public static let documented = VerificationPolicy(demand: .documented, tolerance: standardTolerance)

    /// The Standard Webhooks headers, which sign the time as well.
    ///
    /// There is no fallback: a request that only carries the documented header is refused, or stripping headers would
    /// undo the protection.
    ///
    /// - Parameter tolerance: How far the signed time may lie from now, both ways, inclusive.
    /// - Returns: The policy.
    public static func timestamped(tolerance: Duration = standardTolerance) -> VerificationPolicy {
        VerificationPolicy(demand: .timestamped, tolerance: tolerance)
    }

    /// Either of the two, for the time of a migration: the documented proof counts where none of the timestamped headers is there.
    ///
    /// A request with those headers removed is accepted without a signed time: move to ``timestamped(tolerance:)`` once the sender
    /// sends them.
    ///
    /// - Parameter tolerance: How far the signed time may lie from now, both ways, inclusive.
    /// - Returns: The policy.
    public static func either(tolerance: Duration = standardTolerance) -> VerificationPolicy {
        VerificationPolicy(demand: .either, tolerance: tolerance)
    }
}
