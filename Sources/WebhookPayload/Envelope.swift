public import WebhookEvents

/// The JSON body of an event as exact bytes, with `id`, `type`, `timestamp`, `data` and `metadata`.
///
/// An envelope is encoded once. The same bytes are stored, signed and sent, for every webhook and on every attempt.
/// They are never encoded again, because a signature over one encoding does not verify another.
public struct Envelope: Sendable, Hashable {
    /// The identifier of the event.
    public let id: EventID
    /// The type of the event.
    public let type: EventType
    /// The time of the event, in whole seconds.
    public let timestamp: Timestamp
    /// The metadata of the event, such as its account, the actor that caused it, and its ordering key.
    public let metadata: EventMetadata
    /// The exact bytes that are signed and sent.
    public let bytes: [UInt8]

    private let dataRange: Range<Int>

    /// The JSON bytes of `data`, exactly as in ``bytes``.
    public var data: ArraySlice<UInt8> { bytes[dataRange] }

    /// Encodes an event.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - id: The identifier of the event; never reuse an identifier for other bytes.
    ///   - timestamp: The time of the event; truncated to whole seconds.
    ///   - metadata: The metadata of the event. If it has no ordering key, the event's ordering key is used.
    /// - Throws: ``PayloadError`` with code ``PayloadError/Code/invalidJSON`` or ``PayloadError/Code/invalidField`` if
    ///   the data of an unknown event is not one JSON object, or if any data is nested too deeply for receivers.
    public init(
        _ event: TaskFlowEvent, id: EventID, timestamp: Timestamp, metadata: EventMetadata
    ) throws(PayloadError) {
        try event.check()
        var metadata = metadata
        if metadata.orderingKey == nil { metadata.orderingKey = event.orderingKey }
        self = try Envelope(id: id, type: event.type, timestamp: timestamp, metadata: metadata) { event.write(to: &$0) }
    }

    /// Encodes an event whose data is already JSON; the bytes are validated and then used unchanged.
    ///
    /// - Parameters:
    ///   - type: The type of the event. The data of a documented type must have that type's shape.
    ///   - data: One JSON object in UTF-8.
    ///   - id: The identifier of the event; never reuse an identifier for other bytes.
    ///   - timestamp: The time of the event; truncated to whole seconds.
    ///   - metadata: The metadata of the event. If it has no ordering key, the event's ordering key is used.
    /// - Throws: ``PayloadError`` if the bytes are not one JSON object of the type's shape.
    public init(
        type: EventType, data: [UInt8], id: EventID, timestamp: Timestamp, metadata: EventMetadata
    ) throws(PayloadError) {
        let document = try JSONDocument(data, maximumDepth: TaskFlowEvent.maximumDepth)
        guard document.root.isObject else { throw .invalid("data", expected: "an object") }
        let event: TaskFlowEvent
        do { event = try TaskFlowEvent(type: type, json: document.root) } catch { throw error.inside("data") }
        var metadata = metadata
        if metadata.orderingKey == nil { metadata.orderingKey = event.orderingKey }
        let data = document.root.raw
        self = try Envelope(id: id, type: type, timestamp: timestamp, metadata: metadata) { $0.splice(data) }
    }

    private init(
        id: EventID, type: EventType, timestamp: Timestamp, metadata: EventMetadata, data: (inout JSONWriter) -> Void
    ) throws(PayloadError) {
        do { try metadata.checkOrderingKey() } catch { throw error.inside("metadata") }
        var json = JSONWriter(capacity: 2048)
        var dataRange = 0..<0
        json.object { json in
            json.write("id", id.rawValue)
            json.write("type", type.rawValue)
            json.write("timestamp", timestamp)
            json.name("data")
            dataRange = json.range(of: data)
            json.write("metadata", metadata)
        }
        guard json.deepest <= TaskFlowEvent.maximumDepth + 1 else {
            throw .invalid("data", expected: "nested at most \(TaskFlowEvent.maximumDepth) levels deep")
        }
        guard !json.isBelowMinimum else {
            throw .invalid(
                "data", expected: "free of integers below 0, and of versions, attempts, depths and positions below 1")
        }
        guard !json.hasMomentBeyondRFC3339 else {
            throw .invalid("timestamp", expected: "between the years 0 and 9999, like every timestamp in the data")
        }
        self.init(
            id: id, type: type, timestamp: Timestamp(unixSeconds: timestamp.unixSeconds), metadata: metadata,
            bytes: json.bytes, dataRange: dataRange)
    }

    private init(
        id: EventID, type: EventType, timestamp: Timestamp, metadata: EventMetadata, bytes: [UInt8],
        dataRange: Range<Int>
    ) {
        self.id = id
        self.type = type
        self.timestamp = timestamp
        self.metadata = metadata
        self.bytes = bytes
        self.dataRange = dataRange
    }
}

extension Envelope {
    /// Creates an envelope from the bytes of a request, without decoding its data.
    ///
    /// - Parameter bytes: The exact bytes; verify their signature first.
    /// - Throws: ``PayloadError`` with the path of the invalid member.
    public init(parsing bytes: [UInt8]) throws(PayloadError) {
        let document = try JSONDocument(bytes)
        self = try Self.read(document).envelope
    }

    /// Decodes an envelope and its data in one pass, which is cheaper than two separate calls.
    ///
    /// - Parameter bytes: The exact bytes; verify their signature first.
    /// - Returns: The envelope and the event.
    /// - Throws: ``PayloadError`` with the path of the invalid member.
    public static func decode(
        _ bytes: [UInt8]
    ) throws(PayloadError) -> (envelope: Envelope, event: TaskFlowEvent) {
        let document = try JSONDocument(bytes)
        let (envelope, data) = try read(document)
        do { return (envelope, try TaskFlowEvent(type: envelope.type, json: document.view(at: data))) } catch {
            throw error.inside("data")
        }
    }

    /// Decodes the data into the Swift type of the event; the data of an unknown type is kept unchanged.
    ///
    /// - Returns: The event.
    /// - Throws: ``PayloadError`` with the path of the invalid member.
    public func event() throws(PayloadError) -> TaskFlowEvent {
        let document = try JSONDocument(Array(data))
        do { return try TaskFlowEvent(type: type, json: document.root) } catch { throw error.inside("data") }
    }

    /// Reads an envelope, and returns it with the position of its data in the index.
    private static func read(_ document: JSONDocument) throws(PayloadError) -> (envelope: Envelope, data: Int) {
        var fields = try JSONFields(document.root)
        guard let id = EventID(try fields.string("id")) else {
            throw .invalid("id", expected: "an identifier of 1 to 64 ASCII letters, digits and - _ : ~ @ + =")
        }
        guard let type = EventType(try fields.string("type")) else {
            throw .invalid("type", expected: "an event type")
        }
        let timestamp = try fields.timestamp("timestamp")
        let data = try fields.required("data")
        guard data.isObject else { throw .invalid("data", expected: "an object") }
        let (index, range) = (data.index, data.range)
        let metadata: EventMetadata = try fields.nested("metadata")
        let envelope = Envelope(
            id: id, type: type, timestamp: timestamp, metadata: metadata, bytes: document.bytes, dataRange: range)
        return (envelope, index)
    }
}

extension EventMetadata: JSONReadable, JSONWritable {
    init(json: JSONView) throws(PayloadError) {
        var json = try JSONFields(json)
        guard let account = AccountID(try json.string("account_id")) else {
            throw .invalid(
                "account_id", expected: "an identifier of 1 to 64 ASCII letters, digits and - _ : ~ @ + =")
        }
        self.init(
            accountID: account,
            triggeredBy: try json.optionalString("triggered_by"),
            schemaVersion: try json.optionalString("schema_version"),
            orderingKey: try json.optionalString("ordering_key"),
            sequence: try json.optionalInteger("sequence"),
            source: try json.optionalString("source"),
            requestID: try json.optionalString("request_id"),
            causationID: try json.optionalString("causation_id"))
        try checkOrderingKey()
    }

    /// Validates the ordering key against limits that suit the indexes of all stores and the header fields of all
    /// servers.
    func checkOrderingKey() throws(PayloadError) {
        guard let key = orderingKey?.utf8, key.count > Self.maximumOrderingKeyLength || key.contains(0) else { return }
        throw .invalid("ordering_key", expected: "at most \(Self.maximumOrderingKeyLength) bytes without NUL")
    }

    func writeMembers(to json: inout JSONWriter) {
        json.write("account_id", accountID.rawValue)
        json.write("triggered_by", triggeredBy)
        json.write("schema_version", schemaVersion)
        json.write("ordering_key", orderingKey)
        json.write("sequence", sequence)
        json.write("source", source)
        json.write("request_id", requestID)
        json.write("causation_id", causationID)
    }
}
