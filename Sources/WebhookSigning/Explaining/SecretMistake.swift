/// A wrong interpretation of a secret that one side may have used.
struct SecretMistake {
    let cause: WebhookVerifier.Explanation.Cause
    let message: String
    let hint: String
    let key: HMACKey

    static func all(for secret: WebhookSecret, scheme: SignatureScheme) -> [SecretMistake] {
        guard secret.kind == .shared else { return [] }
        let text = secret.storage.text
        let prefix = Array(WebhookSecret.sharedPrefix.utf8)
        let bare = text.starts(with: prefix) ? Array(text.dropFirst(prefix.count)) : text
        var mistakes: [SecretMistake] = []
        func add(_ cause: WebhookVerifier.Explanation.Cause, _ message: String, _ hint: String, _ key: [UInt8]) {
            mistakes.append(SecretMistake(cause: cause, message: message, hint: hint, key: HMACKey(key)))
        }
        for (name, space) in [("newline", "\n"), ("carriage return and newline", "\r\n"), ("space", " ")] {
            add(
                .whitespaceInSecret, "The sender's secret ends with a \(name)",
                "Write the file with `printf %s`; `echo` and editors often add white space.", text + Array(space.utf8))
        }
        let isSpace = WebhookSecret.isSpace
        let trimmed = Array(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        if trimmed.count < text.count {
            add(
                .whitespaceInSecret, "The sender's secret has no surrounding white space, but this one has",
                "Write the file with `printf %s`; `echo` and editors often add white space.", trimmed)
        }
        if scheme == .taskFlow {
            if let key = Base64.decode(bare) {
                add(
                    .decodedSecret, "The sender decodes the base64 of the secret",
                    "Use the whole secret in UTF-8, including its prefix, as the key of X-TaskFlow-Signature.",
                    key)
            }
            add(
                .decodedSecret, "The sender omits the prefix of the secret",
                "Use the whole secret in UTF-8, including its prefix, as the key of X-TaskFlow-Signature.",
                bare)
        } else {
            let hint = "Use the base64-decoded bytes after `whsec_` as the key of the Standard Webhooks signature."
            add(.decodedSecret, "The sender uses the text of the secret, including its prefix, as the key", hint, text)
            add(.decodedSecret, "The sender uses the text of the secret after its prefix as the key", hint, bare)
            if let key = Base64.decode(bare) {
                add(.decodedSecret, "The sender decodes a secret that is plain text as base64", hint, key)
            }
        }
        return mistakes
    }
}
