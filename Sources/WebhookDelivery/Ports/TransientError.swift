/// An error that says whether it is for the state of what threw it, such as a lock or an outage, and not for what was asked.
package protocol TransientError: Error {
    /// Whether the same call may succeed at another time.
    var isTransient: Bool { get }
}
