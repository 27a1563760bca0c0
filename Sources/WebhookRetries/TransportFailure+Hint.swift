extension TransportFailure {
    /// What to do about the failure: a sentence for the owner of the endpoint or the operator of the sender.
    public var hint: String {
        switch self {
        case .dnsFailure: "Check the host name of the webhook's URL."
        case .dnsTimeout: "Check that the name servers of the webhook's domain respond."
        case .blockedAddress: "Use a public address, or ask the operator to add it to the endpoint policy."
        case .connectionRefused: "Check that the endpoint is running and accepts connections on this port."
        case .connectTimeout: "Check that no firewall drops the connection."
        case .tlsHandshake: "Check that the endpoint supports TLS 1.2 or later."
        case .tlsTimeout: "Check the load of the endpoint; it accepted the connection but did not complete TLS in time."
        case .tlsUntrusted: "Install the complete certificate chain of a public authority on the endpoint."
        case .tlsCertificateExpired: "Renew the endpoint's certificate, and check its clock."
        case .tlsHostnameMismatch: "Use a certificate for the host name of the webhook's URL."
        case .requestTimeout: "Check that the endpoint reads the whole request."
        case .responseTimeout: "Respond before processing the event, or raise the webhook's timeout."
        case .connectionReset: "Check the logs of the endpoint and its proxy for a crash or an idle timeout."
        case .invalidResponse: "Check that the endpoint responds with HTTP/1.1."
        case .cancelled: "No action is needed; the delivery is sent again."
        case .saturated: "Raise the transport's connection limit, or add workers."
        case .resolverUnavailable: "Check the sender's name servers."
        case .noRoute: "Check the sender's network: its routes and its firewall."
        case .noTrustStore: "Install the package of trusted certificates on the sender."
        case .proxy: "Check that the sender's egress proxy is running and allows the destination."
        case .invalidRequest: "Remove the custom header that the message names."
        case .unknown: "Check the sender's logs for the error of its transport."
        }
    }
}
