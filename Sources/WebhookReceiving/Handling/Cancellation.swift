/// Runs an idempotent operation, and runs it once more if it failed in a cancelled task.
///
/// Servers cancel a request's task when the client disconnects, as a sender does after five seconds. Database drivers
/// fail in a cancelled task, and a claim that is neither committed nor released blocks its event for the whole lease.
/// The second run uses a new task, which this function awaits.
func ignoringCancellation<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    do { return try await work() } catch {
        guard Task.isCancelled else { throw error }
        return try await Task { try await work() }.value
    }
}
