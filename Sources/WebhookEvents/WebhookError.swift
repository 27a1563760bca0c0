/// An error of this library, with a code for programs and a message and a hint for people.
///
/// Every error that the library throws conforms to it:
///
/// ```swift
/// do {
///     try await service.publish(event, account: account)
/// } catch let error as any WebhookError {
///     log("\(error.message) (\(error.codeText)): \(error.hint)")
/// }
/// ```
public protocol WebhookError: Error, Sendable, CustomStringConvertible {
    /// The kinds of errors.
    associatedtype Code: RawRepresentable<String>, Sendable, Hashable

    /// The kind of error.
    var code: Code { get }
    /// What is wrong. It contains no secrets and no values of payloads.
    var message: String { get }
    /// What to do about it.
    var hint: String { get }
}

extension WebhookError {
    /// The code as text, such as `payload_too_large`.
    public var codeText: String { code.rawValue }

    /// The message with its code and hint.
    public var description: String { "\(message) (\(codeText)). \(hint)" }
}
