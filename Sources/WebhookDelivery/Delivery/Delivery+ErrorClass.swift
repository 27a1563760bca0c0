extension Delivery {
    /// The class of an error type, so that one query finds, for example, all 5xx responses.
    public enum ErrorClass: String, Sendable, Hashable, CaseIterable {
        /// A status from 300 to 399.
        case redirect = "3xx"
        /// A status from 400 to 499.
        case clientError = "4xx"
        /// A status from 500 to 599.
        case serverError = "5xx"
        /// A status that HTTP does not know, such as 600.
        case otherStatus = "other_status"
        /// No response: the name, the address, the connection, TLS, or the time limit was at fault.
        case noResponse = "no_response"

        /// Returns the class of an error type.
        ///
        /// - Parameter errorType: The error type, from ``Attempt/errorType``.
        public init(errorType: String) {
            let isStatus = errorType.utf8.count == 3 && errorType.utf8.allSatisfy { (0x30...0x39).contains($0) }
            self =
                switch (isStatus, errorType.utf8.first) {
                case (true, UInt8(ascii: "4")): .clientError
                case (true, UInt8(ascii: "5")): .serverError
                case (true, _): .otherStatus
                case (false, _): errorType == "redirect" ? .redirect : .noResponse
                }
        }
    }

    /// Selects deliveries by the error of their last attempt.
    public struct ErrorSelection: Sendable, Hashable {
        /// The error types, as in ``Attempt/errorType``: a status such as `503`, or a name such as `timeout_connect`.
        public var types: Set<String>
        /// The classes of error types.
        public var classes: Set<ErrorClass>

        /// Creates a selection; a delivery needs one of the types or one of the classes.
        ///
        /// - Parameters:
        ///   - types: The error types.
        ///   - classes: The classes of error types.
        public init(types: Set<String> = [], classes: Set<ErrorClass> = []) {
            self.types = types
            self.classes = classes
        }

        /// Returns whether the selection contains an error type.
        ///
        /// - Parameter errorType: The error type of a delivery's last attempt; `nil` if there is none.
        /// - Returns: Whether it does.
        public func contains(_ errorType: String?) -> Bool {
            guard let errorType else { return false }
            return types.contains(errorType) || classes.contains(ErrorClass(errorType: errorType))
        }
    }
}
