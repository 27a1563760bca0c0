#if PostgreSQL
internal import WebhookDelivery
internal import WebhookStoreKit

extension PostgresSchema {
    /// The functions of the first version.
    ///
    /// They run with the privileges of their owner, so that a publisher needs no privilege on any
    /// table; they do not depend on the caller's search path.
    static let functions = """
        -- The first ten characters of an identifier, its creation time: milliseconds in Crockford's base 32.
        CREATE FUNCTION {schema}.time_characters(at timestamptz) RETURNS text
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
        DECLARE
            ms bigint := floor(extract(epoch FROM at) * 1000);
        BEGIN
            RETURN \(characters((0..<10).map { "(ms >> \(45 - 5 * $0) & 31)::integer" }));
        END
        $$
        ---
        -- An identifier that sorts by its creation time, as the library generates it: the time and 80 random bits.
        CREATE FUNCTION {schema}.new_id(prefix text, at timestamptz) RETURNS text
        LANGUAGE plpgsql VOLATILE STRICT AS $$
        DECLARE
            chance bytea := uuid_send(gen_random_uuid());
        BEGIN
            RETURN prefix || {schema}.time_characters(at) || \(characters((0..<16).map { "get_byte(chance, \($0)) & 31" }));
        END
        $$
        ---
        -- Counts published deliveries for claims: the rows of `arrivals` become numbers in `webhook_progress`.
        -- The caller holds the account's lock.
        CREATE FUNCTION {schema}.count_arrivals(p_accounts text[])
        RETURNS TABLE (account text, webhook text, ordering_key text)
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY WITH gone AS (
                DELETE FROM {schema}.arrivals AS a WHERE a.ctid = ANY (ARRAY(
                    SELECT ctid FROM {schema}.arrivals WHERE account = ANY (p_accounts)
                    ORDER BY account, number LIMIT 4000))
                RETURNING a.account, a.webhook, a.ordering_key
            ), counted AS (
                UPDATE {schema}.webhook_progress AS p SET open = GREATEST(0, LEAST(p.open, 4611686018427387904)) + n.count
                FROM (SELECT account, webhook, count(*) AS count FROM gone GROUP BY account, webhook) AS n
                WHERE p.account = n.account AND p.webhook = n.webhook
                RETURNING p.account, p.webhook
            )
            SELECT DISTINCT g.account, g.webhook, g.ordering_key FROM gone AS g
            WHERE g.ordering_key IS NOT NULL
                OR NOT EXISTS (SELECT FROM counted AS c WHERE c.account = g.account AND c.webhook = g.webhook);
        END
        $$
        ---
        -- Stores an event and its deliveries. `outcome` is `new`, `repeated`, `conflict`, or `busy` when nothing was
        -- done because another transaction holds the account.
        CREATE FUNCTION {schema}.keep_event(
            p_account text, p_id text, p_type text, p_body bytea, p_ordering_key text, p_limit bigint, p_now timestamptz,
            p_may_count boolean, p_may_wait boolean, p_trace text DEFAULT NULL, OUT outcome text, OUT receipt bytea
        ) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_is_near boolean;
            v_left timestamptz;
            v_made bigint;
            v_patterns text[];
        BEGIN
            p_now := COALESCE(p_now, clock_timestamp());
            -- Near the bound, the publishers of an account take turns and count what is uncounted, so that the bound is
            -- exact. More than a few hundred are hardly ever uncounted. A webhook that is already full makes no
            -- publisher wait.
            PERFORM FROM {schema}.webhook_progress
            WHERE account = p_account AND LEAST(open, 4611686018427387904) + 5000 >= p_limit AND open < p_limit AND state <> 'disabled';
            v_is_near := FOUND;
            IF v_is_near AND p_may_wait THEN
                PERFORM pg_advisory_xact_lock(hashtextextended('{schema}', 0) # hashtextextended(p_account, 1));
            ELSIF v_is_near THEN
                IF NOT pg_try_advisory_xact_lock(hashtextextended('{schema}', 0) # hashtextextended(p_account, 1)) THEN
                    outcome := 'busy';
                    RETURN;
                END IF;
            END IF;
            INSERT INTO {schema}.event_keys (account, id, published_at) VALUES (p_account, p_id, p_now)
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                SELECT CASE WHEN e.body = p_body THEN 'repeated' ELSE 'conflict' END, e.receipt INTO outcome, receipt
                FROM {schema}.event_keys AS k
                JOIN {schema}.events AS e ON e.account = k.account AND e.id = k.id AND e.published_at = k.published_at
                WHERE k.account = p_account AND k.id = p_id;
                IF FOUND THEN RETURN; END IF;
                -- The event was removed, but its key is left: it is new again, for the first transaction that finds
                -- this.
                SELECT published_at INTO v_left FROM {schema}.event_keys WHERE account = p_account AND id = p_id;
                UPDATE {schema}.event_keys SET published_at = p_now
                WHERE account = p_account AND id = p_id AND published_at = v_left;
                IF NOT FOUND THEN
                    INSERT INTO {schema}.event_keys (account, id, published_at) VALUES (p_account, p_id, p_now);
                END IF;
            END IF;

            -- Without a worker, publishers now and then count the published deliveries; never in a client's
            -- transaction, which may stay open and would hold the account meanwhile.
            IF p_may_count AND random() < 1 / 64.0 THEN
                SELECT count(*) INTO v_made
                FROM (SELECT FROM {schema}.arrivals WHERE account = p_account LIMIT 256) AS a;
                IF v_made = 256 THEN
                    PERFORM FROM {schema}.account_locks WHERE account = p_account FOR UPDATE SKIP LOCKED;
                    IF FOUND THEN
                        PERFORM {schema}.settle_arrivals(ARRAY[p_account], p_now);
                        UPDATE {schema}.accounts SET due_at = LEAST(due_at, p_now) WHERE account = p_account;
                    END IF;
                END IF;
            END IF;
            v_patterns := ARRAY['*', p_type] || ARRAY(
                SELECT left(p_type, i) || '*' FROM generate_series(1, length(p_type)) AS i WHERE substr(p_type, i, 1) = '.');
            WITH found AS MATERIALIZED (
                SELECT w.id AS webhook, w.created_at, w.ordering, {schema}.new_id('del_', p_now) AS delivery,
                    CASE
                        WHEN p.state = 'disabled' THEN 'disabled'
                        WHEN w.expires_at <= p_now THEN 'expired'
                        WHEN NOT w.events && v_patterns THEN 'not_subscribed'
                        WHEN p.open >= p_limit THEN 'backlog_full'
                        WHEN v_is_near AND LEAST(p.open, 4611686018427387904) + (
                            SELECT count(*) FROM {schema}.arrivals AS a
                            WHERE a.account = p_account AND a.webhook = w.id) >= p_limit THEN 'backlog_full'
                    END AS skipped
                FROM {schema}.webhooks AS w
                JOIN {schema}.webhook_progress AS p ON p.account = w.account AND p.webhook = w.id
                WHERE w.account = p_account
            ), made AS (
                INSERT INTO {schema}.queue (
                    account, id, event, event_at, event_type, webhook, created_at, created_by, ordering_key, resource, status, due_at,
                    token, attempts, expired_leases, is_charged, bytes, hold)
                SELECT p_account, delivery, p_id, p_now, p_type, webhook, p_now, 'event',
                    CASE WHEN ordering = 'resource' THEN p_ordering_key END, p_ordering_key, 'pending', p_now, 0, 0, 0, false,
                    length(p_body), CASE WHEN ordering = 'resource' AND p_ordering_key IS NOT NULL THEN 'order' ELSE '' END
                FROM found WHERE skipped IS NULL ORDER BY created_at, webhook
                RETURNING account, sequence, webhook, ordering_key
            ), announced AS (
                INSERT INTO {schema}.arrivals (account, number, webhook, ordering_key, at)
                SELECT account, sequence, webhook, ordering_key, p_now FROM made
            )
            SELECT count(*) FILTER (WHERE skipped IS NULL), convert_to(
                '{"version":1,"entries":[' || COALESCE(string_agg(
                    '{"webhook":"' || webhook || CASE WHEN skipped IS NULL THEN '","delivery":"' || delivery
                        ELSE '","skipped":"' || skipped END || '"}',
                    ',' ORDER BY created_at, webhook), '') || ']}', 'UTF8')
            INTO v_made, receipt FROM found;
            INSERT INTO {schema}.events (account, id, published_at, type, body, fan_out, receipt, trace_context)
            VALUES (p_account, p_id, p_now, p_type, p_body, v_made, receipt, p_trace);
            outcome := 'new';

            -- Workers are already busy with a due account; but a client's transaction may stay open until they are
            -- done.
            PERFORM FROM {schema}.accounts WHERE account = p_account AND due_at <= p_now;
            IF v_made > 0 AND NOT (FOUND AND p_may_count) THEN PERFORM pg_notify('{schema}', ''); END IF;
        END
        $$
        ---
        -- Counts arrivals, unblocks the first delivery of each order, and cancels deliveries for deleted webhooks.
        -- The caller holds the accounts' locks.
        CREATE FUNCTION {schema}.settle_arrivals(p_accounts text[], p_now timestamptz) RETURNS void
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            arrival record;
        BEGIN
            FOR arrival IN SELECT * FROM {schema}.count_arrivals(p_accounts) LOOP
                IF arrival.ordering_key IS NOT NULL THEN
                    PERFORM {schema}.unblock(arrival.account, arrival.webhook, arrival.ordering_key);
                END IF;
                PERFORM FROM {schema}.webhooks WHERE account = arrival.account AND id = arrival.webhook;
                IF NOT FOUND THEN PERFORM {schema}.cancel_all(arrival.account, arrival.webhook, p_now); END IF;
            END LOOP;
        END
        $$
        ---
        -- Cancels all deliveries of a deleted webhook, including unreadable ones. The caller holds the account's lock.
        CREATE FUNCTION {schema}.cancel_all(p_account text, p_webhook text, p_now timestamptz) RETURNS void
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            WITH gone AS (
                DELETE FROM {schema}.queue WHERE account = p_account AND webhook = p_webhook RETURNING *
            )
            INSERT INTO {schema}.deliveries (\(Delivery.columns), event_at, bytes)
            SELECT id, account, event, event_type, webhook, created_at, sequence, created_by, redelivery_of,
                ordering_key, resource, 'cancelled', 'webhook_deleted', p_now, token, attempts, expired_leases, sender_faults, is_charged,
                first_attempt_at, last_error, event_at, bytes
            FROM gone
        $$
        ---
        -- Retries rows that an earlier version could not read.
        CREATE FUNCTION {schema}.retry_unreadable() RETURNS void
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            v_accounts text[] := ARRAY(SELECT DISTINCT account FROM {schema}.queue WHERE hold = 'unreadable');
            v_order record;
        BEGIN
            PERFORM FROM {schema}.account_locks WHERE account = ANY (v_accounts) ORDER BY account FOR UPDATE;
            UPDATE {schema}.accounts SET due_at = LEAST(due_at, clock_timestamp()) WHERE account = ANY (v_accounts);
            UPDATE {schema}.queue SET hold = CASE WHEN ordering_key IS NULL THEN '' ELSE 'order' END
            WHERE account = ANY (v_accounts) AND hold = 'unreadable';
            FOR v_order IN
                SELECT DISTINCT account, webhook, ordering_key FROM {schema}.queue
                WHERE account = ANY (v_accounts) AND ordering_key IS NOT NULL AND hold = 'order'
            LOOP
                PERFORM {schema}.unblock(v_order.account, v_order.webhook, v_order.ordering_key);
            END LOOP;
        END
        $$
        ---
        -- Unblocks the first delivery of an order, unless one is in flight. The caller holds the account's lock.
        CREATE FUNCTION {schema}.unblock(p_account text, p_webhook text, p_key text) RETURNS void
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            UPDATE {schema}.queue SET hold = ''
            WHERE account = p_account AND webhook = p_webhook AND ordering_key = p_key AND hold = 'order'
                AND sequence = (
                    SELECT min(sequence) FROM {schema}.queue
                    WHERE account = p_account AND webhook = p_webhook AND ordering_key = p_key AND hold <> 'unreadable')
                AND NOT EXISTS (
                    SELECT FROM {schema}.queue
                    WHERE account = p_account AND webhook = p_webhook AND ordering_key = p_key AND hold = '');
        END
        $$
        """

    /// The characters of an identifier, chosen from the alphabet by numbers from 0 to 31.
    private static func characters(_ numbers: [String]) -> String {
        numbers.map { "substr('0123456789abcdefghjkmnpqrstvwxyz', (\($0)) + 1, 1)" }.joined(separator: " || ")
    }
}
#endif
