internal import WebhookEvents
internal import WebhookPayload

// The form that stores keep. It has a version, so that a later library can tell what an earlier one wrote.
extension SecretRotation {
    /// The secrets as bytes for a store, not encrypted: seal them with a ``SecretSealing``.
    ///
    /// - Returns: JSON, UTF-8.
    public func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.write("current", current.reveal())
            if let pending { json.write("pending", pending.secret, at: pending.at) }
            if let previous { json.write("previous", previous.secret, at: previous.at) }
        }
        return json.bytes
    }

    /// Reads what ``encoded()`` wrote.
    ///
    /// - Parameter bytes: The bytes, unsealed.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/malformedSecret`` when they are something else.
    public init(encoded bytes: [UInt8]) throws(SigningError) {
        do {
            let json = try JSONValue(parsing: bytes)
            guard json["version"]?.integer == 1, let current = json["current"]?.string else {
                throw SigningError.malformedRotation
            }
            try self.init(
                current: WebhookSecret(current), pending: Self.secret(json["pending"]),
                previous: Self.secret(json["previous"]))
        } catch let error as SigningError {
            throw error
        } catch {
            throw .malformedRotation
        }
    }

    private static func secret(_ json: JSONValue?) throws(SigningError) -> Change? {
        guard let json else { return nil }
        guard let text = json["secret"]?.string, let microseconds = json["at"]?.integer else {
            throw .malformedRotation
        }
        return Change(secret: try WebhookSecret(text), at: Timestamp(microseconds: Int64(microseconds)))
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ name: String, _ secret: WebhookSecret, at moment: Timestamp) {
        self.name(name)
        object { json in
            json.write("secret", secret.reveal())
            json.write("at", Int(moment.microseconds))
        }
    }
}

extension SigningError {
    fileprivate static var malformedRotation: SigningError {
        SigningError(
            .malformedSecret, "The stored secrets cannot be read",
            hint: "They were changed by hand or written by a later version, or they are still sealed.")
    }
}
