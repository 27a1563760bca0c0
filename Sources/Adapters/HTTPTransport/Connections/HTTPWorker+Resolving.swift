#if HTTPTransport
internal import NIOCore
internal import WebhookDelivery
internal import WebhookLimits
internal import WebhookResolver
internal import WebhookRetries

/// The addresses of endpoints, or of the proxy.
extension HTTPWorker {
    func resolve(_ exchange: HTTPExchange, _ request: ConnectionPool.Exchange) {
        let proxy = context.configuration.proxy
        exchange.enter(proxy == nil ? .lookup : .proxy)
        let host = proxy?.host ?? exchange.job.key.host
        if let address = IPAddress(host) {
            let answer = LookupAnswer(addresses: [address], freshFor: context.addressCacheLifetime)
            return resolved(.success(answer), for: exchange, request)
        }
        // Each exchange has its own look-up, so that an account does not wait for another account's slot.
        let promise = eventLoop.makePromise(of: LookupAnswer.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            exchange.lookup = nil
            guard !exchange.isFinished else { return }
            self.resolved(result, for: exchange, request)
            self.performActions()
        }
        exchange.lookup = context.lookups.ask(host, for: exchange.job.account) { result in
            promise.completeWith(result.mapError { $0 })
        }
    }

    private func resolved(
        _ result: Result<LookupAnswer, any Error>, for exchange: HTTPExchange, _ request: ConnectionPool.Exchange
    ) {
        do {
            let addresses = try validated(result.map(\.addresses), of: exchange.job.key)
            let now = NIODeadline.now()
            let freshUntil = now + TimeAmount(clamping: try result.get().freshFor)
            pool.resolved(request, addresses, freshUntil: freshUntil, now: now)
        } catch {
            pool.resolveFailed(request, isSenderFault: (error as? TransportError)?.failure.isSenderFault == true)
            abort(exchange, error)
        }
    }

    /// Returns the validated addresses of the endpoint, or those of the proxy, which validates the endpoint's
    /// addresses.
    private func validated(
        _ answer: Result<[IPAddress], any Error>, of key: EndpointKey
    ) throws(TransportError) -> [IPAddress] {
        guard context.configuration.proxy != nil else {
            return try context.policy.validatedAddresses(answer, of: key.host)
        }
        // A failure of this machine's resolver is not the proxy's.
        if case .failure(let error as TransportError) = answer, error.failure.isSenderFault { throw error }
        guard let addresses = try? answer.get(), !addresses.isEmpty else {
            throw TransportError(.proxy, "The egress proxy has no address")
        }
        if let literal = IPAddress(key.host) {
            _ = try context.policy.validatedAddresses(.success([literal]), of: key.host)
        }
        return addresses
    }
}
#endif
