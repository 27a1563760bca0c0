/// Does something that may be repeated, and does it again where a cancelled task made it fail.
///
/// Servers cancel a request's task when the client hangs up, which is what a sender does after five seconds. Database drivers
/// give up in a cancelled task, and a claim that is neither committed nor released then holds an event for its whole lease.
/// The task of the second try is awaited here, so it outlives nobody.
func evenWhenCancelled<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    do { return try await work() } catch {
        guard Task.isCancelled else { throw error }
        return try await Task { try await work() }.value
    }
}
