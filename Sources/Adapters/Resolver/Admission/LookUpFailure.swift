#if HTTPTransport || AsyncHTTPClient
internal import WebhookDelivery
internal import WebhookRetries

/// Why a look-up fails without an answer about the name.
extension TransportError {
    static var silence: TransportError {
        TransportError(.dnsTimeout, "The name look-up was not answered in time")
    }
    static var deadServers: TransportError {
        TransportError(
            .resolverUnavailable, "This machine's name servers answer no look-up; check resolv.conf and the network")
    }
    static var noPlace: TransportError {
        TransportError(
            .resolverUnavailable,
            "No place for the name look-up became free in time; other look-ups of the account or its domain take long")
    }
    static var noRoom: TransportError {
        TransportError(
            .resolverUnavailable, "Too many name look-ups wait; send fewer requests to new host names at once")
    }
}
#endif
