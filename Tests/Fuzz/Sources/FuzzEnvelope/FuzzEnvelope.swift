import WebhookReceiving

// Parses any bytes as JSON and as an envelope. Nothing may trap, and a parsed value must survive a round trip.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONValue(parsing: input) else {
        if (try? Envelope(parsing: input)) != nil { fatalError("an envelope that is not JSON was accepted") }
        return 0
    }
    guard let again = try? JSONValue(parsing: value.encoded()), again == value else { fatalError("JSON round trip") }
    if let moment = value.string.flatMap(Timestamp.init(_:)), Timestamp(moment.description) != moment {
        fatalError("timestamp round trip")
    }
    guard let (envelope, event) = try? Envelope.decode(input) else { return 0 }
    guard envelope.bytes == input, (try? envelope.event()) == event else {
        fatalError("decoding at once and in steps differ")
    }
    let written = try? Envelope(event, id: envelope.id, timestamp: envelope.timestamp, metadata: envelope.metadata)
    guard let written else { fatalError("a decoded event cannot be encoded") }
    if (try? written.event()) != event { fatalError("envelope round trip") }
    return 0
}
