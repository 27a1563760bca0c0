#if HTTPTransport || AsyncHTTPClient
package import WebhookEvents
package import WebhookLimits

extension LookupRunner {
    /// Looks up a name, for callers that do not enforce deadlines.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - account: The account of the request.
    ///   - deadline: When the request ends, even if the resolver does not.
    /// - Returns: At least one address.
    /// - Throws: `TransportError`, or `CancellationError` if the task is cancelled.
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
