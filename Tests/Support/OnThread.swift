import Foundation

/// Runs what computes for seconds on a thread outside the pool of Swift's concurrency, so that other tests go on meanwhile.
///
/// - Parameter body: The work.
/// - Returns: What it returns.
/// - Throws: What it throws.
public func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
