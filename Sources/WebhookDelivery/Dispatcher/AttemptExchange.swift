internal import WebhookLimits
internal import WebhookPayload
internal import WebhookRetries

/// The request and the answer of one attempt.
struct AttemptExchange {
    /// The request; `nil` if its URL is no longer allowed.
    var request: WebhookRequest?
    /// The response, if there was one.
    var response: WebhookResponse?
    /// The address that was reached.
    var address: IPAddress?
    var timings: WebhookResponse.PhaseTimings?

    /// Returns the record to keep.
    ///
    /// - Parameters:
    ///   - detail: How much to keep.
    ///   - custom: The webhook's custom header fields, whose values are never kept.
    /// - Returns: The record; `nil` if there is none to keep.
    func record(_ detail: Attempt.Recording.Detail, hiding custom: CustomHeaders) -> Attempt.Exchange? {
        guard detail > .nothing, let request else { return nil }
        return Attempt.Exchange(
            url: request.url.description, address: address,
            requestHeaders: request.headers.hiding(custom.fields), requestLength: request.body.count,
            response: response.map { Attempt.Exchange.Response(of: $0, keepsBody: detail == .body) })
    }
}

extension Attempt.Recording {
    /// Returns how much to keep of an attempt.
    func detail(of outcome: AttemptOutcome, isTest: Bool) -> Detail {
        outcome.isSuccess && !isTest ? successes : failures
    }
}

extension HeaderFields {
    /// Returns the fields without the values of others.
    fileprivate func hiding(_ hidden: HeaderFields) -> HeaderFields {
        guard !hidden.lines.isEmpty else { return self }
        return HeaderFields(
            lines.map { line in
                (line.name, hidden[line.name] == nil ? line.value : Attempt.Exchange.hiddenValue)
            })
    }
}

extension Attempt.Exchange.Response {
    fileprivate init(of response: WebhookResponse, keepsBody: Bool) {
        var headers = HeaderFields()
        for line in response.headers.lines where headers.lines.count < Self.maximumHeaders {
            guard Self.keptHeaders.contains(where: line.isNamed) else { continue }
            headers.append(line.name, line.value.cut(to: Self.maximumHeaderLength))
        }
        let body = keepsBody ? Array(response.body.prefix(WebhookResponse.maximumBodyLength)) : nil
        self.init(
            headers: headers, body: body,
            isBodyComplete: keepsBody && response.isBodyComplete && body?.count == response.body.count)
    }
}

extension String {
    /// Returns the beginning of the text, cut between two characters.
    fileprivate func cut(to length: Int) -> String {
        guard utf8.count > length else { return self }
        var text = Substring(self)
        while text.utf8.count > length { text.removeLast() }
        return String(text)
    }
}
