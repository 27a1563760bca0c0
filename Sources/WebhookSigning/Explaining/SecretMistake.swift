/// What one side may have made of a secret that the other side read as it is meant.
struct SecretMistake {
    let cause: VerificationExplanation.Cause
    let message: String
    let hint: String
    let key: HMACKey

    static func all(for secret: WebhookSecret, scheme: SignatureScheme) -> [SecretMistake] {
        guard secret.kind == .shared else { return [] }
        let text = secret.storage.text
        let prefix = Array(WebhookSecret.sharedPrefix.utf8)
        let bare = text.starts(with: prefix) ? Array(text.dropFirst(prefix.count)) : text
        var mistakes: [SecretMistake] = []
        func add(_ cause: VerificationExplanation.Cause, _ message: String, _ hint: String, _ key: [UInt8]) {
            mistakes.append(SecretMistake(cause: cause, message: message, hint: hint, key: HMACKey(key)))
        }
        for (name, space) in [("newline", "\n"), ("carriage return and newline", "\r\n"), ("space", " ")] {
            add(
                .whitespaceInSecret, "The sender's secret ends with a \(name)",
                "It often comes from `echo` or an editor; write the file with `printf %s`.", text + Array(space.utf8))
        }
        let isSpace = WebhookSecret.isSpace
        let trimmed = Array(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        if trimmed.count < text.count {
            add(
                .whitespaceInSecret, "The sender's secret has no white space around it, and this one does",
                "It often comes from `echo` or an editor; write the file with `printf %s`.", trimmed)
        }
        if scheme == .taskFlow {
            if let key = Base64.decode(bare) {
                add(
                    .decodedSecret, "The sender decodes the base64 of the secret",
                    "X-TaskFlow-Signature is keyed with the UTF-8 bytes of the whole secret, prefix included.", key)
            }
            add(
                .decodedSecret, "The sender leaves the prefix of the secret out",
                "X-TaskFlow-Signature is keyed with the UTF-8 bytes of the whole secret, prefix included.", bare)
        } else {
            let hint = "The Standard Webhooks signature is keyed with the base64-decoded bytes behind `whsec_`."
            add(.decodedSecret, "The sender takes the text of the secret, prefix included", hint, text)
            add(.decodedSecret, "The sender takes the text of the secret behind its prefix", hint, bare)
            if let key = Base64.decode(bare) {
                add(.decodedSecret, "The sender decodes the base64 of a secret that is meant as text", hint, key)
            }
        }
        return mistakes
    }
}
