#if HTTPTransport || AsyncHTTPClient
internal import CLibCAres
internal import WebhookDelivery
internal import WebhookRetries

/// How a query ended, as c-ares reports it.
struct QueryStatus: Equatable {
    let code: Int32

    static let success = QueryStatus(code: cares_success)

    /// Whether another server might know more: the one that answered cannot or does not want to.
    var concernsServer: Bool {
        [cares_server_failure, cares_refused, cares_not_implemented].contains(code)
    }

    /// The failure in the terms of the engine.
    ///
    /// A server failure (SERVFAIL) is the endpoint's: that is how a recursive server reports that the servers of a name are
    /// broken or silent. A refusal (REFUSED) is the sender's: the recursive server does not serve this machine.
    var failure: TransportError {
        switch code {
        case cares_no_data, cares_not_found, cares_bad_name:
            TransportError(.dnsFailure, "The host name has no address")
        case cares_server_failure:
            TransportError(.dnsFailure, "The name servers of the host name failed")
        case cares_timeout:
            TransportError(.dnsTimeout, "The name look-up was not answered in time")
        case cares_unreachable:
            .unusable("no name server can be reached; check resolv.conf and the network")
        case cares_refused:
            .unusable("the name servers refuse this machine; check their access rules")
        case cares_file, cares_no_memory, cares_not_initialized, cares_destroyed:
            .unusable("c-ares cannot start a look-up (status \(code)); check memory and open files")
        default:
            TransportError(.dnsFailure, "The answer to the name look-up is not valid")
        }
    }
}

extension TransportError {
    /// The failure of this machine's own resolver.
    ///
    /// - Parameter reason: What is wrong and what to check.
    /// - Returns: The failure.
    static func unusable(_ reason: String) -> TransportError {
        TransportError(.resolverUnavailable, "This machine's name resolver cannot be used: \(reason)")
    }
}
#endif
