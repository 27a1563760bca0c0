import WebhookReceiving

// Verifies arbitrary headers with every policy and kind of secret. Nothing may trap, and nothing unsigned may verify.
// The input consists of lines of `name: value`; lines without a colon form the body.

private let secrets: [WebhookSecret] = {
    var generator = FixedGenerator()
    let key = try? WebhookSecret.randomSigningKey(using: &generator).verificationKey
    return [try? WebhookSecret("a secret that signs nothing"), key].compactMap(\.self)
}()

private let verifiers = [VerificationPolicy.taskFlow, .timestamped(), .either()].compactMap {
    try? WebhookVerifier(secret: secrets[0], previous: Array(secrets.dropFirst()), policy: $0)
}

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    var (headers, body) = (HeaderFields(), [UInt8]())
    for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            body += line
            continue
        }
        headers.append(
            String(decoding: line[..<colon], as: UTF8.self), String(decoding: line[(colon + 1)...], as: UTF8.self))
    }
    let now = Timestamp(unixSeconds: 1_707_583_522)
    for verifier in verifiers {
        let whole = Result { try verifier.verify(body.span, headers: headers, now: now) }
        if case .success = whole { fatalError("an unsigned request was verified") }
        let parts = Result {
            var stream = try verifier.beginVerification(headers: headers, now: now)
            try stream.update(body)
            return try stream.finish()
        }
        guard case (.failure(let one as VerificationError), .failure(let other as VerificationError)) = (whole, parts),
            one == other
        else { fatalError("verification at once and in parts differ") }
    }
    if count % 128 == 0 { _ = verifiers[2].explain(body, headers: headers, now: now) }
    return 0
}

/// The same key in every run.
private struct FixedGenerator: RandomNumberGenerator {
    func next() -> UInt64 { 0x9E37_79B9_7F4A_7C15 }
}
