#if PostgreSQL
extension PostgresSchema {
    /// The consumers' table of handled events, separate from the senders' tables.
    ///
    /// A client in any language calls `commit_handled` inside the transaction of its work.
    static let deduplication = """
        CREATE SEQUENCE {schema}.handled_event_tokens
        ---
        CREATE TABLE {schema}.handled_events (
            account text COLLATE "C" NOT NULL,
            event text COLLATE "C" NOT NULL,
            endpoint text COLLATE "C" NOT NULL,
            token bigint NOT NULL,
            is_handled boolean NOT NULL,
            until timestamptz NOT NULL,
            PRIMARY KEY (account, event, endpoint)
        )
        ---
        CREATE INDEX handled_events_by_end ON {schema}.handled_events (until)
        ---
        -- Claims an event for a lease. Returns a token, or NULL when the event is being handled (`result` is
        -- `in_progress`) or was handled (`duplicate`).
        CREATE FUNCTION {schema}.claim_handled(
            p_account text, p_event text, p_endpoint text, p_lease interval, p_now timestamptz,
            OUT result text, OUT token bigint
        ) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            p_now := COALESCE(p_now, clock_timestamp());
            -- Each claim removes more than one expired row, so that the table cannot grow without bound.
            DELETE FROM {schema}.handled_events AS h WHERE h.ctid = ANY (ARRAY(
                SELECT ctid FROM {schema}.handled_events WHERE until <= p_now ORDER BY until LIMIT 4
                FOR UPDATE SKIP LOCKED));
            token := nextval('{schema}.handled_event_tokens');
            INSERT INTO {schema}.handled_events AS h (account, event, endpoint, token, is_handled, until)
            VALUES (p_account, p_event, p_endpoint, token, false, p_now + p_lease)
            ON CONFLICT (account, event, endpoint) DO UPDATE
                SET token = EXCLUDED.token, is_handled = false, until = EXCLUDED.until WHERE h.until <= p_now;
            IF FOUND THEN
                result := 'claimed';
                RETURN;
            END IF;
            token := NULL;
            SELECT CASE WHEN h.is_handled THEN 'duplicate' ELSE 'in_progress' END INTO result
            FROM {schema}.handled_events AS h
            WHERE h.account = p_account AND h.event = p_event AND h.endpoint = p_endpoint;
            -- Released in between: the next claim gets it.
            result := COALESCE(result, 'in_progress');
        END
        $$
        ---
        -- Marks an event as handled, in the caller's transaction. A lost claim is an error, which rolls that
        -- transaction back.
        CREATE FUNCTION {schema}.commit_handled(
            p_account text, p_event text, p_endpoint text, p_token bigint, p_until timestamptz
        ) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            UPDATE {schema}.handled_events SET is_handled = true, until = p_until
            WHERE account = p_account AND event = p_event AND endpoint = p_endpoint AND token = p_token AND NOT is_handled;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the claim of event % was lost', p_event USING ERRCODE = 'TF001',
                    HINT = 'Roll back. If this happens often, use a longer lease or a faster handler.';
            END IF;
        END
        $$
        ---
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC
        """
}
#endif
