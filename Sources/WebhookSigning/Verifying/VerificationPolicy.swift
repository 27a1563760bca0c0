/// A policy that decides which signatures a verifier accepts.
public struct VerificationPolicy: Sendable, Hashable {
    /// The default tolerance for a signed time, in the past and in the future.
    ///
    /// The Standard Webhooks libraries use 300 s as well.
    public static let defaultTolerance = Duration.seconds(300)

    enum Requirement: Sendable, Hashable { case taskFlow, timestamped, either }

    let requirement: Requirement
    /// The tolerance in whole seconds, because the header has no fractions.
    let toleranceSeconds: Int64

    private init(requirement: Requirement, tolerance: Duration) {
        self.requirement = requirement
        self.toleranceSeconds = tolerance.components.seconds
    }

    /// Accepts `X-TaskFlow-Signature` alone, for senders and proxies that forward no other signature.
    ///
    /// This signature covers only the body: no time, no identifier of the attempt and no other header. A captured
    /// request verifies for as long as the secret is in use, so only deduplication and `ReceiverLimits.maximumAge`
    /// stop replay attacks. Prefer ``timestamped(tolerance:)``, the default; every request from TaskFlow has its
    /// headers as well.
    public static let taskFlow = VerificationPolicy(requirement: .taskFlow, tolerance: defaultTolerance)

    /// Accepts the Standard Webhooks headers, which also sign the time.
    ///
    /// There is no fallback: a request with only the documented header is rejected. Otherwise an attacker could remove
    /// the protection by removing headers.
    ///
    /// - Parameter tolerance: The maximum difference between the signed and the current time, in both directions,
    ///   inclusive.
    /// - Returns: The policy.
    public static func timestamped(tolerance: Duration = defaultTolerance) -> VerificationPolicy {
        VerificationPolicy(requirement: .timestamped, tolerance: tolerance)
    }

    /// Accepts either signature, for a migration; the documented one only if all timestamped headers are absent.
    ///
    /// A request without the timestamped headers is accepted without a signed time. Switch to
    /// ``timestamped(tolerance:)`` as soon as the sender sends them.
    ///
    /// - Parameter tolerance: The maximum difference between the signed and the current time, in both directions,
    ///   inclusive.
    /// - Returns: The policy.
    public static func either(tolerance: Duration = defaultTolerance) -> VerificationPolicy {
        VerificationPolicy(requirement: .either, tolerance: tolerance)
    }
}
