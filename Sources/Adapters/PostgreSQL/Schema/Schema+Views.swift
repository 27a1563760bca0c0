#if PostgreSQL
extension PostgresSchema {
    /// The view of webhooks for `taskflow_viewer`.
    ///
    /// The path and query of a URL often contain a token, so the view shows only the origin: scheme, host and port. For
    /// a URL with anything else before its path, such as a user name, it shows no origin.
    static let viewing = """
        CREATE VIEW {schema}.webhook_endpoints AS
        SELECT account, id,
            substring(url from '(?i)^(https?://(?:[a-z0-9._-]+|[[][0-9a-f:.]+[]])(?::[0-9]{1,5})?)(?:[/?]|$)') AS origin,
            events, format, timeout, ordering, requests_per_second, version, created_at
        FROM {schema}.webhooks
        """
}
#endif
