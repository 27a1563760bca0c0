#if HTTPTransport || AsyncHTTPClient
internal import CLibCAres
internal import WebhookDelivery
internal import WebhookRetries

/// The status of a query as c-ares reports it.
struct QueryStatus: Equatable {
    let code: Int32

    static let success = QueryStatus(code: cares_success)

    /// Whether the server failed or refused, so that another server may have an answer.
    var concernsServer: Bool {
        [cares_server_failure, cares_refused, cares_not_implemented].contains(code)
    }

    /// The transport error for the status.
    ///
    /// A server failure (SERVFAIL) is the endpoint's: a recursive server reports with it that the servers of a name are
    /// broken or do not respond. A refusal (REFUSED) is the sender's: the recursive server does not serve this machine.
    var failure: TransportError {
        switch code {
        case cares_no_data, cares_not_found, cares_bad_name:
            TransportError(.dnsFailure, "The host name has no address")
        case cares_server_failure:
            TransportError(.dnsFailure, "The name servers of the host name failed")
        case cares_timeout:
            TransportError(.dnsTimeout, "The name look-up timed out")
        case cares_unreachable:
            .unusable("no name server can be reached; check resolv.conf and the network")
        case cares_refused:
            .unusable("the name servers refuse this machine; check their access rules")
        case cares_file, cares_no_memory, cares_not_initialized, cares_destroyed:
            .unusable("c-ares cannot start a look-up (status \(code)); check memory and open files")
        default:
            TransportError(.dnsFailure, "The answer to the name look-up is invalid")
        }
    }
}

extension TransportError {
    /// Returns the error for an unusable resolver on this machine.
    ///
    /// - Parameter reason: What is wrong and what to check.
    /// - Returns: The error.
    static func unusable(_ reason: String) -> TransportError {
        TransportError(.resolverUnavailable, "This machine's name resolver is unavailable: \(reason)")
    }
}
#endif
