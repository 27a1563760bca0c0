#if SQLite
internal import GRDB

/// The versions of a group of tables.
struct SQLiteSchema {
    /// The purpose of the tables.
    let part: String
    /// All versions, oldest first.
    ///
    /// A released version never changes.
    let versions: [String]

    /// Migrates the tables to this version, in one transaction.
    ///
    /// The version is stored in a separate table: GRDB's migration table belongs to the host, whose migrator would
    /// treat an unknown identifier as a newer database.
    func migrate(_ database: any DatabaseWriter) throws {
        try database.write { db in
            try db.execute(
                sql: "CREATE TABLE IF NOT EXISTS taskflow_schema (part TEXT NOT NULL, version INTEGER NOT NULL) STRICT")
            let sql = "SELECT COALESCE(MAX(version), 0) FROM taskflow_schema WHERE part = ?"
            let current = try Int.fetchOne(db, sql: sql, arguments: [part]) ?? 0
            guard current <= versions.count else {
                throw DatabaseError(message: "the taskflow_ tables were created by a later version of the library")
            }
            for (index, version) in versions.enumerated().dropFirst(current) {
                try db.execute(sql: version)
                try db.execute(sql: "INSERT INTO taskflow_schema VALUES (?, ?)", arguments: [part, index + 1])
            }
        }
    }
}

extension SQLiteStore {
    /// The tables of a store.
    static let schema = SQLiteSchema(part: "store", versions: [version1])

    /// The first version.
    ///
    /// Times and durations are microseconds. `due_at` is the next attempt of a pending delivery and the end of the
    /// lease of a leased one. `hold` is `order` while an earlier delivery with the same ordering key is open, and `unreadable` for
    /// a row that was set aside because it is unreadable; `open` counts a webhook's open deliveries.
    /// `taskflow_accounts` records when a claim must visit an account: see ``AccountQueue``.
    ///
    /// A commit serves many accounts, and each page that it touches is written twice. So most keys begin with
    /// identifiers, which begin with their time: new entries go to one end of an index, not to a separate page per
    /// account. A leased delivery leaves the index of due deliveries instead of moving to another page of it.
    private static let version1 = """
        CREATE TABLE taskflow_webhooks (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            url TEXT NOT NULL,
            events TEXT NOT NULL,
            secrets BLOB NOT NULL,
            state TEXT NOT NULL,
            format TEXT NOT NULL,
            headers BLOB NOT NULL,
            timeout INTEGER NOT NULL,
            retry_schedule TEXT NOT NULL,
            retry_jitter REAL NOT NULL,
            retry_after_cap INTEGER NOT NULL,
            ordering TEXT NOT NULL,
            requests_per_second INTEGER,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            description TEXT NOT NULL,
            metadata TEXT NOT NULL,
            expires_at INTEGER,
            allows_steering INTEGER NOT NULL,
            sends_trace_context INTEGER NOT NULL,
            state_reason TEXT,
            state_since INTEGER NOT NULL,
            last_triggered INTEGER,
            last_success INTEGER,
            succeeded INTEGER NOT NULL,
            finished INTEGER NOT NULL,
            quota_day INTEGER NOT NULL,
            quota_used INTEGER NOT NULL,
            slow_until INTEGER,
            health BLOB NOT NULL,
            open INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX taskflow_webhooks_by_account ON taskflow_webhooks (account, created_at, id);
        CREATE INDEX taskflow_webhooks_retiring ON taskflow_webhooks (state_reason, expires_at)
            WHERE state = 'disabled' OR expires_at IS NOT NULL;

        CREATE TABLE taskflow_accounts (
            account TEXT PRIMARY KEY,
            due_at INTEGER,
            turn INTEGER NOT NULL DEFAULT 0,
            is_full INTEGER NOT NULL DEFAULT 0,
            is_stale INTEGER NOT NULL DEFAULT 0,
            day TEXT NOT NULL DEFAULT ''
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX taskflow_accounts_due ON taskflow_accounts (due_at, turn) WHERE due_at IS NOT NULL;
        CREATE INDEX taskflow_accounts_stale ON taskflow_accounts (due_at) WHERE is_stale = 1;
        CREATE TABLE taskflow_turns (latest INTEGER NOT NULL) STRICT;
        INSERT INTO taskflow_turns VALUES (0);

        CREATE TABLE taskflow_events (
            account TEXT NOT NULL,
            id TEXT NOT NULL,
            type TEXT NOT NULL,
            body BLOB NOT NULL,
            published_at INTEGER NOT NULL,
            fan_out INTEGER NOT NULL,
            receipt BLOB NOT NULL,
            trace_context TEXT,
            PRIMARY KEY (id, account)
        ) STRICT;

        CREATE TABLE taskflow_deliveries (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            account TEXT NOT NULL,
            event TEXT NOT NULL,
            event_type TEXT NOT NULL,
            webhook TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            redelivery_of TEXT,
            ordering_key TEXT,
            resource TEXT,
            status TEXT NOT NULL,
            reason TEXT,
            due_at INTEGER NOT NULL,
            token INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            expired_leases INTEGER NOT NULL,
            sender_faults INTEGER NOT NULL DEFAULT 0,
            is_charged INTEGER NOT NULL,
            first_attempt_at INTEGER,
            last_error TEXT,
            is_retry INTEGER NOT NULL GENERATED ALWAYS AS (
                attempts > 0 OR created_by = 'replay' OR is_charged) STORED,
            is_open INTEGER NOT NULL GENERATED ALWAYS AS (status = 'pending' OR status = 'leased') STORED,
            is_failed INTEGER NOT NULL GENERATED ALWAYS AS (
                status = 'failed' OR status = 'cancelled' OR status = 'rejected') STORED,
            hold TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX taskflow_deliveries_due ON taskflow_deliveries (webhook, is_retry, due_at, sequence)
            WHERE status = 'pending' AND hold = '';
        CREATE INDEX taskflow_deliveries_leased ON taskflow_deliveries (account, webhook, due_at) WHERE status = 'leased';
        CREATE INDEX taskflow_deliveries_chains ON taskflow_deliveries (webhook, ordering_key, sequence)
            WHERE is_open = 1 AND ordering_key IS NOT NULL;
        CREATE UNIQUE INDEX taskflow_deliveries_by_id ON taskflow_deliveries (id, account);
        CREATE INDEX taskflow_deliveries_unreadable ON taskflow_deliveries (account) WHERE hold = 'unreadable';
        CREATE INDEX taskflow_deliveries_by_webhook ON taskflow_deliveries (account, webhook, id);
        CREATE INDEX taskflow_deliveries_failed ON taskflow_deliveries (webhook, id)
            WHERE is_failed = 1;
        CREATE INDEX taskflow_deliveries_by_error ON taskflow_deliveries (webhook, last_error, id)
            WHERE last_error IS NOT NULL;
        CREATE INDEX taskflow_deliveries_by_trigger ON taskflow_deliveries (webhook, created_by, id)
            WHERE created_by <> 'event';
        CREATE INDEX taskflow_deliveries_by_resource ON taskflow_deliveries (account, resource, id)
            WHERE resource IS NOT NULL;
        CREATE INDEX taskflow_deliveries_by_event ON taskflow_deliveries (event, account, id);

        CREATE INDEX taskflow_events_by_time ON taskflow_events (published_at);
        CREATE INDEX taskflow_events_without_deliveries ON taskflow_events (account) WHERE fan_out = 0;

        CREATE TABLE taskflow_replays (
            id TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            webhook TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            statuses TEXT NOT NULL,
            events TEXT NOT NULL,
            errors TEXT NOT NULL,
            per_second INTEGER NOT NULL,
            total INTEGER NOT NULL,
            state TEXT NOT NULL,
            made INTEGER NOT NULL,
            cursor TEXT NOT NULL,
            next_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX taskflow_replays_running ON taskflow_replays (next_at) WHERE state = 'running';
        CREATE INDEX taskflow_replays_of_account ON taskflow_replays (account, id);

        CREATE TABLE taskflow_attempts (
            delivery TEXT NOT NULL,
            number INTEGER NOT NULL,
            webhook TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            duration INTEGER NOT NULL,
            status_code INTEGER,
            error_type TEXT,
            timings TEXT,
            exchange BLOB,
            PRIMARY KEY (delivery, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX taskflow_attempts_by_time ON taskflow_attempts (webhook, started_at);

        CREATE TABLE taskflow_response_bodies (
            delivery TEXT NOT NULL,
            number INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (delivery, number)
        ) STRICT;
        CREATE INDEX taskflow_response_bodies_by_time ON taskflow_response_bodies (started_at);
        """
}
#endif
