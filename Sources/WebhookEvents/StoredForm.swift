/// A value with a form for stores, which later versions of the library can read.
public protocol StoredForm {
    /// The type of the stored form: text or bytes.
    associatedtype Stored: Sendable

    /// The stored form of the value.
    var stored: Stored { get }

    /// Reads a stored form.
    ///
    /// - Parameter stored: The stored form.
    /// - Throws: An error if the form cannot be read; types that can do without throw nothing.
    init(stored: Stored) throws
}
