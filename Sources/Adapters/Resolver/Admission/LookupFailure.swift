#if HTTPTransport || AsyncHTTPClient
internal import WebhookDelivery
internal import WebhookRetries

/// The errors of look-ups that fail without an answer about the name.
extension TransportError {
    static var silence: TransportError {
        TransportError(.dnsTimeout, "The name look-up timed out")
    }
    static var deadServers: TransportError {
        TransportError(
            .resolverUnavailable, "This machine's name servers do not respond; check resolv.conf and the network")
    }
    static var noPlace: TransportError {
        TransportError(
            .resolverUnavailable,
            "The name look-up got no slot in time; other look-ups of the account or the domain are slow")
    }
    static var noRoom: TransportError {
        TransportError(
            .resolverUnavailable, "Too many name look-ups are waiting; send fewer requests to new host names at a time")
    }
}
#endif
