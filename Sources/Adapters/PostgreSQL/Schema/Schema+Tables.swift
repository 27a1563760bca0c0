#if PostgreSQL
extension PostgresSchema {
    /// The columns of a delivery, open or ended.
    private static let delivery = """
        account text COLLATE "C" NOT NULL,
        id text COLLATE "C" NOT NULL,
        event text COLLATE "C" NOT NULL,
        event_at timestamptz NOT NULL,
        event_type text NOT NULL,
        webhook text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL,
        sequence bigint NOT NULL,
        created_by text NOT NULL,
        redelivery_of text COLLATE "C",
        ordering_key text COLLATE "C",
        resource text COLLATE "C",
        status text NOT NULL,
        reason text,
        due_at timestamptz NOT NULL,
        token bigint NOT NULL,
        attempts bigint NOT NULL,
        expired_leases bigint NOT NULL,
        sender_faults bigint NOT NULL DEFAULT 0,
        is_charged boolean NOT NULL,
        first_attempt_at timestamptz,
        last_error text COLLATE "C",
        bytes bigint NOT NULL,
        """

    /// The indexes for queries by error, trigger and resource.
    private static func indexes(of table: String) -> String {
        """
        CREATE INDEX \(table)_by_error ON {schema}.\(table) (account, webhook, last_error, id) WHERE last_error IS NOT NULL
        ---
        CREATE INDEX \(table)_by_trigger ON {schema}.\(table) (account, webhook, created_by, id) WHERE created_by <> 'event'
        ---
        CREATE INDEX \(table)_by_resource ON {schema}.\(table) (account, resource, id) WHERE resource IS NOT NULL
        """
    }

    /// The tables of the first version.
    ///
    /// Open deliveries are in `queue`, which is small and hot; ended ones in `deliveries`, which is large and only
    /// grows. So the cost of claims does not depend on history, and daily partitions of history can be dropped. Every
    /// key begins with the account: rows of one account can be on one server of many.
    static let tables = """
        CREATE TABLE {schema}.accounts (
            account text COLLATE "C" PRIMARY KEY,
            due_at timestamptz,
            turn bigint NOT NULL DEFAULT 0,
            is_full boolean NOT NULL DEFAULT false,
            is_stale boolean NOT NULL DEFAULT false,
            day text NOT NULL DEFAULT ''
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)
        ---
        CREATE INDEX accounts_due ON {schema}.accounts (due_at, turn) WHERE due_at IS NOT NULL
        ---
        CREATE INDEX accounts_stale ON {schema}.accounts (due_at) WHERE is_stale
        ---
        -- One lock per account. Its rows are never updated: despite SKIP LOCKED, a scan waits for a row that was
        -- updated and locked again at the same moment, and a claim could then be part of a deadlock.
        CREATE TABLE {schema}.account_locks (account text COLLATE "C" PRIMARY KEY)
        ---
        CREATE SEQUENCE {schema}.turns
        ---
        CREATE TABLE {schema}.webhooks (
            account text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            url text NOT NULL,
            events text[] NOT NULL,
            secrets bytea NOT NULL,
            headers bytea NOT NULL,
            format text NOT NULL,
            timeout bigint NOT NULL,
            retry_schedule text NOT NULL,
            retry_jitter double precision NOT NULL,
            retry_after_cap bigint NOT NULL,
            ordering text NOT NULL,
            requests_per_second bigint,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            description text NOT NULL,
            metadata text NOT NULL,
            expires_at timestamptz,
            allows_steering boolean NOT NULL,
            sends_trace_context boolean NOT NULL,
            PRIMARY KEY (account, id)
        )
        ---
        CREATE INDEX webhooks_expiring ON {schema}.webhooks (expires_at) WHERE expires_at IS NOT NULL
        ---
        CREATE TABLE {schema}.webhook_progress (
            account text COLLATE "C" NOT NULL,
            webhook text COLLATE "C" NOT NULL,
            state text NOT NULL,
            state_reason text,
            state_since timestamptz NOT NULL,
            last_triggered timestamptz,
            last_success timestamptz,
            succeeded bigint NOT NULL,
            finished bigint NOT NULL,
            quota_day bigint NOT NULL,
            quota_used bigint NOT NULL,
            slow_until timestamptz,
            health bytea NOT NULL,
            open bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (account, webhook)
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)
        ---
        CREATE INDEX webhook_progress_gone ON {schema}.webhook_progress (state_since) WHERE state_reason = 'gone'
        ---
        CREATE TABLE {schema}.event_keys (
            account text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            published_at timestamptz NOT NULL,
            PRIMARY KEY (account, id)
        )
        ---
        CREATE TABLE {schema}.events (
            account text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            published_at timestamptz NOT NULL,
            type text NOT NULL,
            body bytea NOT NULL,
            fan_out bigint NOT NULL,
            receipt bytea NOT NULL,
            is_shared boolean NOT NULL DEFAULT false,
            trace_context text,
            PRIMARY KEY (account, id, published_at)
        ) PARTITION BY RANGE (published_at)
        ---
        CREATE TABLE {schema}.events_default PARTITION OF {schema}.events DEFAULT
        ---
        CREATE INDEX events_by_time ON {schema}.events (published_at)
        ---
        CREATE SEQUENCE {schema}.delivery_numbers
        ---
        CREATE TABLE {schema}.queue (
            \(delivery)
            hold text NOT NULL DEFAULT '',
            is_retry boolean NOT NULL GENERATED ALWAYS AS (attempts > 0 OR created_by = 'replay' OR is_charged) STORED,
            PRIMARY KEY (account, id)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)
        ---
        ALTER TABLE {schema}.queue ALTER sequence SET DEFAULT nextval('{schema}.delivery_numbers')
        ---
        CREATE INDEX queue_due ON {schema}.queue (account, webhook, is_retry, due_at, sequence) WHERE hold = ''
        ---
        CREATE INDEX queue_leased ON {schema}.queue (account, webhook, due_at) WHERE status = 'leased'
        ---
        CREATE INDEX queue_chains ON {schema}.queue (account, webhook, ordering_key, sequence)
            WHERE ordering_key IS NOT NULL
        ---
        CREATE INDEX queue_first ON {schema}.queue (account, webhook, ordering_key)
            WHERE hold = '' AND ordering_key IS NOT NULL
        ---
        CREATE INDEX queue_unreadable ON {schema}.queue (account) WHERE hold = 'unreadable'
        ---
        CREATE INDEX queue_by_event ON {schema}.queue (account, event)
        ---
        \(indexes(of: "queue"))
        ---
        CREATE TABLE {schema}.arrivals (
            account text COLLATE "C" NOT NULL,
            number bigint NOT NULL,
            webhook text COLLATE "C" NOT NULL,
            ordering_key text COLLATE "C",
            at timestamptz NOT NULL,
            PRIMARY KEY (account, number)
        ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)
        ---
        CREATE TABLE {schema}.deliveries (
            \(delivery)
            PRIMARY KEY (account, id)
        ) PARTITION BY RANGE (id)
        ---
        CREATE TABLE {schema}.deliveries_default PARTITION OF {schema}.deliveries DEFAULT
        ---
        CREATE INDEX deliveries_by_webhook ON {schema}.deliveries (account, webhook, id)
        ---
        CREATE INDEX deliveries_by_event ON {schema}.deliveries (account, event)
        ---
        CREATE INDEX deliveries_failed ON {schema}.deliveries (account, webhook, id) WHERE status <> 'succeeded'
        ---
        \(indexes(of: "deliveries"))
        ---
        CREATE TABLE {schema}.attempts (
            account text COLLATE "C" NOT NULL,
            delivery text COLLATE "C" NOT NULL,
            number bigint NOT NULL,
            webhook text COLLATE "C" NOT NULL,
            started_at timestamptz NOT NULL,
            duration bigint NOT NULL,
            status_code bigint,
            error_type text,
            timings text,
            exchange bytea,
            PRIMARY KEY (account, delivery, number)
        ) PARTITION BY RANGE (delivery)
        ---
        CREATE TABLE {schema}.attempts_default PARTITION OF {schema}.attempts DEFAULT
        ---
        CREATE INDEX attempts_by_time ON {schema}.attempts (account, webhook, started_at)
        ---
        CREATE TABLE {schema}.response_bodies (
            account text COLLATE "C" NOT NULL,
            delivery text COLLATE "C" NOT NULL,
            number bigint NOT NULL,
            started_at timestamptz NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (account, delivery, number)
        )
        ---
        CREATE INDEX response_bodies_by_time ON {schema}.response_bodies (started_at)
        ---
        CREATE TABLE {schema}.replays (
            account text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            webhook text COLLATE "C" NOT NULL,
            since timestamptz NOT NULL,
            until timestamptz NOT NULL,
            statuses text NOT NULL,
            events text NOT NULL,
            errors text NOT NULL,
            per_second bigint NOT NULL,
            total bigint NOT NULL,
            state text NOT NULL,
            made bigint NOT NULL,
            cursor text COLLATE "C" NOT NULL,
            next_at timestamptz NOT NULL,
            PRIMARY KEY (account, id)
        )
        ---
        CREATE INDEX replays_running ON {schema}.replays (next_at) WHERE state = 'running'
        """
}
#endif
