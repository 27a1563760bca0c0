internal import WebhookEvents
public import WebhookPayload
internal import WebhookSigning

extension WebhookReceiver {
    /// Answers one request.
    ///
    /// | status | when |
    /// |---|---|
    /// | 200 | the event is handled, was already handled, is outdated, or has a type without a handler |
    /// | 400 | genuine, but not an envelope, contradicted by a header, or too old |
    /// | 401 | the signature is missing, malformed or wrong |
    /// | 405, 413, 415 | not `POST`, too large, not JSON |
    /// | 409 | the same event, or another of its resource, is being handled; the sender retries |
    /// | 500, 503 | the handler threw, or a store or queue failed or is full; the sender retries |
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - headers: The header fields.
    ///   - body: The raw body, before any parsing.
    /// - Returns: The reply to send.
    public func respond(method: String, headers: HeaderFields, body: [UInt8]) async -> WebhookReply {
        if let refusal = refusal(method: method, headers: headers, bodyLength: body.count) { return refusal }
        do {
            return await accept(try verify(body, headers), headers: headers)
        } catch {
            return error.reply
        }
    }

    /// Answers one request whose body arrives in chunks; the body is verified while it arrives and stored once.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - headers: The header fields.
    ///   - chunks: The raw body. Reading stops as soon as the request is rejected.
    /// - Returns: The reply to send.
    /// - Throws: The error of reading the body; there is no client to answer then.
    public func respond<Chunks: AsyncSequence>(
        method: String, headers: HeaderFields, chunks: Chunks
    ) async throws -> WebhookReply where Chunks.Element == [UInt8] {
        let announced = headers[HeaderName.contentLength].flatMap { Int($0) } ?? 0
        if let refusal = refusal(method: method, headers: headers, bodyLength: announced) { return refusal }
        do {
            var stream = try begin(headers)
            var body: [UInt8] = []
            body.reserveCapacity(max(0, announced))
            for try await chunk in chunks {
                try feed(chunk, to: &stream)
                body += chunk
            }
            return await accept(try finish(stream, body, headers), headers: headers)
        } catch let refusal as Refusal {
            return refusal.reply
        }
    }

    /// Rejects a request before its body is read, if possible; servers call this to avoid reading 10 MiB of junk.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - headers: The header fields.
    ///   - bodyLength: The known length of the body, in bytes.
    /// - Returns: The reply to send immediately, or `nil` to continue.
    public func refusal(method: String, headers: HeaderFields, bodyLength: Int) -> WebhookReply? {
        guard method == "POST" else {
            return WebhookReply(405, .refused("Use POST."), headers: ["Allow": "POST"])
        }
        guard bodyLength <= limits.maximumBodyLength else {
            return WebhookReply(413, .refused("The body is longer than \(limits.maximumBodyLength) bytes."))
        }
        // Without a content type, only the signature decides.
        guard headers.allowsJSON else {
            return WebhookReply(415, .refused("The content type is not application/json."))
        }
        return nil
    }
}

/// A rejected request, with its reply.
private struct Refusal: Error {
    let reply: WebhookReply

    init(_ error: VerificationError) {
        reply = WebhookReply(error.suggestedStatus, .refused(error.description))
    }

    init(_ error: PayloadError) {
        reply = WebhookReply(400, .refused(error.description))
    }
}

extension WebhookReceiver {
    private func verify(_ body: [UInt8], _ headers: HeaderFields) throws(Refusal) -> VerifiedEvent {
        let verified: VerifiedPayload
        do { verified = try verifier.verify(body, headers: headers, now: clock.now) } catch { throw Refusal(error) }
        do { return try verified.decoded() } catch { throw Refusal(error) }
    }

    private func begin(_ headers: HeaderFields) throws(Refusal) -> StreamingVerification {
        do {
            return try verifier.beginVerification(
                headers: headers, now: clock.now, maximumLength: limits.maximumBodyLength)
        } catch { throw Refusal(error) }
    }

    private func feed(_ chunk: [UInt8], to stream: inout StreamingVerification) throws(Refusal) {
        do { try stream.update(chunk) } catch { throw Refusal(error) }
    }

    private func finish(
        _ stream: StreamingVerification, _ body: [UInt8], _ headers: HeaderFields
    ) throws(Refusal) -> VerifiedEvent {
        let proof: VerifiedPayload.Proof
        do { proof = try stream.finish() } catch { throw Refusal(error) }
        do { return try VerifiedPayload(body: body, proof: proof, headers: headers).decoded() } catch {
            throw Refusal(error)
        }
    }
}
