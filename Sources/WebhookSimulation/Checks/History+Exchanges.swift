internal import WebhookDelivery
internal import WebhookEvents
internal import WebhookPayload
internal import WebhookRetries

extension SimulatedTransport {
    /// The body of an endpoint's response, which tells which request it answers.
    static func responseBody(to request: WebhookRequest) -> [UInt8] {
        let headers = request.headers
        return Array("\(headers[HeaderName.deliveryID] ?? "") \(headers[HeaderName.deliveryAttempt] ?? "")".utf8)
    }
}

extension History {
    /// Checks guarantee 53: the record of an attempt is that of its own request and response.
    func checkExchange(_ settlement: Settlement, _ record: RequestRecord?, _ track: DeliveryTrack) {
        track.exchanges[settlement.attempt.number] = settlement.attempt.exchange
        guard !areLeasesAffectedByClock, let record, let exchange = settlement.attempt.exchange else { return }
        let headers = exchange.requestHeaders
        expect(headers[HeaderName.deliveryID] == track.id.rawValue, "53: the exchange of \(track.id) is another one's")
        expect(exchange.requestLength == record.bytes, "53: the exchange of \(track.id) has a wrong length")
        let own = webhooks[track.webhook]?.versions(since: track.askedAt).map(\.url) ?? []
        expect(own.contains(exchange.url), "53: the exchange of \(track.id) has the URL \(exchange.url)")
        let body = exchange.response?.body
        expect(
            (exchange.response != nil) == (settlement.attempt.statusCode != nil),
            "53: \(track.id) has the status \(settlement.attempt.statusCode ?? 0) and \(exchange)")
        if settlement.decision == .succeed {
            expect(body == nil, "53: the body of a success is kept")
        } else if settlement.attempt.statusCode != nil {
            let expected = Array("\(track.id) \(settlement.attempt.number)".utf8)
            expect(body == expected, "53: the response to \(track.id) is not kept")
            happened("kept responses")
        }
    }

    /// Checks at the end that the store returns what was reported.
    func checkExchanges(of kept: Delivery.History, _ track: DeliveryTrack) {
        for attempt in kept.attempts {
            expect(
                attempt.exchange == track.exchanges[attempt.number],
                "53: the exchange of attempt \(attempt.number) of \(track.id) has changed")
        }
    }
}
