#if HTTPTransport || AsyncHTTPClient
package import WebhookEvents
package import WebhookLimits

extension LookUps {
    /// Looks a name up, for callers that keep no deadlines themselves.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - account: The account that asks.
    ///   - deadline: When the request ends, whatever the resolver does.
    /// - Returns: At least one address.
    /// - Throws: `TransportError`, or `CancellationError` when the task is cancelled.
    package func addresses(
        of name: String, for account: AccountID?, until deadline: ContinuousClock.Instant
    ) async throws -> [IPAddress] {
        let (answers, continuation) = AsyncThrowingStream.makeStream(of: [IPAddress].self)
        let ticket = ask(name, for: account) { result in
            if let answer = try? result.get() { continuation.yield(answer.addresses) }
            continuation.finish(throwing: result.failure)
        }
        let timer = Task {
            try await ContinuousClock().sleep(until: deadline)
            expire(ticket)
        }
        defer {
            timer.cancel()
            cancel(ticket)
        }
        for try await addresses in answers { return addresses }
        throw CancellationError()
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
#endif
