public import WebhookEvents
internal import WebhookLimits
internal import WebhookPayload

// The stored form, without the response's body, which stores keep separately because it is removed earlier. It has a version,
// so that later versions of the library can read it.
extension Attempt.Exchange: StoredForm {
    /// The record without the response's body, as UTF-8 JSON for a store.
    public var stored: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.write("url", url)
            json.write("address", address?.description)
            json.write("length", requestLength)
            json.write("request", requestHeaders)
            guard let response else { return }
            json.write("response", response.headers)
            json.write("body", response.bodyLength)
            json.write("complete", response.isBodyComplete)
        }
        return json.bytes
    }

    /// Decodes a record from ``stored``.
    ///
    /// - Parameter bytes: The bytes.
    /// - Throws: ``DeliveryError`` with code ``DeliveryError/Code/unreadable`` if the bytes have another form.
    public init(stored bytes: [UInt8]) throws(DeliveryError) {
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1, let url = json["url"]?.string,
            let requestHeaders = json["request"].flatMap(HeaderFields.init(json:)),
            let length = json["length"]?.integer
        else {
            throw DeliveryError(
                .unreadable, "The exchange of an attempt cannot be read",
                hint: "Read it with the version that wrote it.")
        }
        let response = json["response"].flatMap(HeaderFields.init(json:)).map { headers in
            Response(
                headers: headers, body: nil, bodyLength: json["body"]?.integer.map { Int(clamping: $0) },
                isBodyComplete: json["complete"]?.bool ?? false)
        }
        self.init(
            url: url, address: json["address"]?.string.flatMap { IPAddress($0) }, requestHeaders: requestHeaders,
            requestLength: Int(clamping: length), response: response)
    }
}

extension JSONWriter {
    /// Writes header fields as an array of names and values, in order.
    fileprivate mutating func write(_ name: String, _ fields: HeaderFields) {
        self.name(name)
        array(fields.lines.flatMap { [$0.name, $0.value] }) { json, text in json.string(text) }
    }
}

extension HeaderFields {
    fileprivate init?(json: JSONValue) {
        guard let texts = json.array?.map(\.string), !texts.contains(nil), texts.count.isMultiple(of: 2) else {
            return nil
        }
        let all = texts.compactMap(\.self)
        self.init(stride(from: 0, to: all.count, by: 2).map { (all[$0], all[$0 + 1]) })
    }
}
