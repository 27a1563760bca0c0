#if PostgreSQL
extension PostgresSchema {
    /// What `taskflow_viewer` sees of webhooks.
    ///
    /// The path and query of a URL often carry a token, so the view shows the origin only: scheme, host and port. A URL that
    /// has anything else before its path, such as a user name, shows no origin at all.
    static let viewing = """
        CREATE VIEW {schema}.webhook_endpoints AS
        SELECT account, id,
            substring(url from '(?i)^(https?://(?:[a-z0-9._-]+|[[][0-9a-f:.]+[]])(?::[0-9]{1,5})?)(?:[/?]|$)') AS origin,
            events, format, timeout, ordering, requests_per_second, version, created_at
        FROM {schema}.webhooks
        """
}
#endif
