public import WebhookEvents
internal import WebhookPayload

// The stored form. It has a version, so that a later version of the library can recognise it.
extension SecretRotation: StoredForm {
    /// The secrets as UTF-8 JSON for a store.
    ///
    /// The bytes are not encrypted; seal them with a ``SecretSealing``.
    public var stored: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.write("version", 1)
            json.write("current", current.reveal())
            if let pending {
                json.name("pending")
                json.write(pending)
            }
            json.name("previous")
            json.array(previous) { $0.write($1) }
        }
        return json.bytes
    }

    /// Creates the secrets from ``stored``.
    ///
    /// - Parameter bytes: The unsealed bytes.
    /// - Throws: ``SigningError`` with code ``SigningError/Code/malformedSecret`` if the bytes are invalid.
    public init(stored bytes: [UInt8]) throws(SigningError) {
        do {
            let json = try JSONValue(parsing: bytes)
            guard json["version"]?.integer == 1, let current = json["current"]?.string else {
                throw SigningError.malformedRotation
            }
            try self.init(
                current: WebhookSecret(stored: current), pending: Self.secret(json["pending"]),
                previous: (json["previous"]?.array ?? []).compactMap { try Self.secret($0) })
        } catch let error as SigningError {
            throw error
        } catch {
            throw .malformedRotation
        }
    }

    private static func secret(_ json: JSONValue?) throws(SigningError) -> ScheduledSecret? {
        guard let json else { return nil }
        guard let text = json["secret"]?.string, let microseconds = json["at"]?.integer else {
            throw .malformedRotation
        }
        return ScheduledSecret(
            secret: try WebhookSecret(stored: text), at: Timestamp(microseconds: Int64(microseconds)))
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ change: SecretRotation.ScheduledSecret) {
        object { json in
            json.write("secret", change.secret.reveal())
            json.write("at", Int(change.at.microseconds))
        }
    }
}

extension SigningError {
    fileprivate static var malformedRotation: SigningError {
        SigningError(
            .malformedSecret, "The stored secrets cannot be read",
            hint: "Unseal them first; otherwise, they were changed manually or written by a later version.")
    }
}
