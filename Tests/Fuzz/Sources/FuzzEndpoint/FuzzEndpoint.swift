import TaskFlowWebhooks

// Parses untrusted text as URLs, addresses, blocks, headers and `Retry-After`. Nothing may trap, and the printed form
// of an accepted value must parse to the same value.

private let policies: [EndpointPolicy] = {
    var everything = EndpointPolicy.development
    everything.allowedBlocks = ["0.0.0.0/0", "::/0"]
    everything.localNames = EndpointPolicy.LocalNames(endings: [])
    everything.nat64Prefixes = [.wellKnown]
    return [.production, .development, everything]
}()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: input, as: UTF8.self)
    for policy in policies {
        guard let url = try? EndpointURL(text, policy: policy) else { continue }
        guard (try? EndpointURL(url.description, policy: policy)) == url else { fatalError("URL round trip: \(url)") }
        guard url.target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), (1...65_535).contains(url.port) else {
            fatalError("\(url) has an invalid target or port")
        }
        if let address = url.address, (try? policy.check(address)) == nil {
            fatalError("the address of \(url) is blocked")
        }
    }
    if let address = IPAddress(text) {
        guard IPAddress(address.description) == address else { fatalError("address round trip: \(address)") }
        for policy in policies { try? policy.check(address, of: "example.com") }
    }
    if let block = EndpointPolicy.AddressBlock(text) {
        guard EndpointPolicy.AddressBlock(block.description) == block, block.contains(block.first) else {
            fatalError("block round trip: \(block)")
        }
    }
    _ = EndpointPolicy.NAT64Prefix(text)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    let fields = HeaderFields(lines.map { ($0[0], $0.count == 2 ? $0[1] : "") })
    if let headers = try? CustomHeaders(fields), headers.description.utf8.contains(UInt8(ascii: "\r")) {
        fatalError("a header contains a line break")
    }
    for now in [Timestamp(unixSeconds: 1_707_583_522), Timestamp(microseconds: .min), Timestamp(microseconds: .max)] {
        guard let wait = RetryPolicy.RetryAfter.wait(text, now: now) else { continue }
        guard wait >= .zero else { fatalError("the wait is negative") }
        var generator = SystemRandomNumberGenerator()
        _ = RetryPolicy.standard.decision(
            after: .response(status: 503, retryAfter: wait), attempt: count, using: &generator)
    }
    return 0
}
