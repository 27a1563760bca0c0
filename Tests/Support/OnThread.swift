import Foundation

/// Runs long computations on a thread outside Swift's concurrency pool, so that other tests can continue meanwhile.
///
/// - Parameter body: The computation.
/// - Returns: The result of the computation.
/// - Throws: Any error of the computation.
public func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
