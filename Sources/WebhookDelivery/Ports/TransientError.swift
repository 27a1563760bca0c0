/// An error that says whether it is temporary, such as a lock or an outage, or caused by the request itself.
package protocol TransientError: Error {
    /// Whether the same call may succeed later.
    var isTransient: Bool { get }
}
