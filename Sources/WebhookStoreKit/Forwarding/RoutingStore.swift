public import WebhookDelivery
public import WebhookEvents

/// A store that performs each call with another store.
///
/// ``forward(_:_:)`` chooses the store, and may do something before and after the call: retry it, measure it, or make it fail.
/// A conforming type can implement any requirement of `WebhookStore` itself instead of forwarding it.
public protocol RoutingStore: WebhookStore {
    /// Performs one call with another store.
    ///
    /// - Parameters:
    ///   - account: The account that the call is about; `nil` for a call about all accounts, such as a claim.
    ///   - call: Performs the call with a store.
    /// - Returns: The result of the call.
    /// - Throws: The error of the call.
    func forward<Value: Sendable>(
        _ account: AccountID?, _ call: @escaping @Sendable (any WebhookStore) async throws -> Value
    ) async throws -> Value
}

/// A store that forwards each call to one other store, except those calls that it implements itself.
///
/// It is the base for stores that add or change something:
///
/// ```swift
/// struct AuditedStore: ForwardingStore {
///     let base: any WebhookStore
///     func delete(_ id: WebhookID, account: AccountID) async throws -> Bool {
///         await audit(id)
///         return try await base.delete(id, account: account)
///     }
/// }
/// ```
public protocol ForwardingStore: RoutingStore {
    /// The store that performs the calls.
    var base: any WebhookStore { get }
}

extension ForwardingStore {
    /// Performs one call with ``base``.
    ///
    /// - Parameters:
    ///   - account: The account that the call is about.
    ///   - call: Performs the call with a store.
    /// - Returns: The result of the call.
    /// - Throws: The error of the call.
    public func forward<Value: Sendable>(
        _ account: AccountID?, _ call: @escaping @Sendable (any WebhookStore) async throws -> Value
    ) async throws -> Value {
        try await call(base)
    }

    /// Listens to ``base``.
    ///
    /// - Parameter wake: Called whenever a delivery of another process may be due.
    public func listen(_ wake: @escaping @Sendable () -> Void) async { await base.listen(wake) }
}
