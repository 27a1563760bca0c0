import WebhookReceiver

// Any bytes as JSON and as an envelope: nothing may trap, and what was read must survive being written and read again.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONValue(parsing: input) else {
        if (try? Envelope(parsing: input)) != nil { fatalError("an envelope that is no JSON") }
        return 0
    }
    guard let again = try? JSONValue(parsing: value.encoded()), again == value else { fatalError("JSON round trip") }
    if let moment = value.string.flatMap(Timestamp.init(_:)), Timestamp(moment.description) != moment {
        fatalError("time round trip")
    }
    guard let (envelope, event) = try? Envelope.decode(input) else { return 0 }
    guard envelope.bytes == input, (try? envelope.event()) == event else {
        fatalError("decoded at once and in steps differ")
    }
    let written = try? Envelope(event, id: envelope.id, timestamp: envelope.timestamp, metadata: envelope.metadata)
    guard let written else { fatalError("what was read cannot be written") }
    if (try? written.event()) != event { fatalError("envelope round trip") }
    return 0
}
