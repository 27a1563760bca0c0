-- Roles with no more rights than their work needs. Run it as the owner of the tables, after PostgresStore.migrate, and again
-- after every migration. Give your own login roles one of these: GRANT taskflow_publisher TO my_application;
DO $$
BEGIN
    IF to_regrole('taskflow_publisher') IS NULL THEN CREATE ROLE taskflow_publisher NOLOGIN; END IF;
    IF to_regrole('taskflow_worker') IS NULL THEN CREATE ROLE taskflow_worker NOLOGIN; END IF;
    IF to_regrole('taskflow_consumer') IS NULL THEN CREATE ROLE taskflow_consumer NOLOGIN; END IF;
    IF to_regrole('taskflow_viewer') IS NULL THEN CREATE ROLE taskflow_viewer NOLOGIN; END IF;
END
$$;

GRANT USAGE ON SCHEMA taskflow_webhooks TO taskflow_publisher, taskflow_worker, taskflow_consumer, taskflow_viewer;

-- Publishes from its own transactions, and can read and change nothing.
GRANT EXECUTE ON FUNCTION taskflow_webhooks.publish(jsonb), taskflow_webhooks.publish_bytes(bytea, text, text) TO taskflow_publisher;

-- Runs dispatchers and the API. It cannot change the tables themselves; partitions are made by a function of their owner.
GRANT SELECT ON ALL TABLES IN SCHEMA taskflow_webhooks TO taskflow_worker;
GRANT INSERT, UPDATE, DELETE ON
    taskflow_webhooks.accounts, taskflow_webhooks.account_locks, taskflow_webhooks.webhooks, taskflow_webhooks.webhook_progress,
    taskflow_webhooks.event_keys, taskflow_webhooks.events, taskflow_webhooks.queue, taskflow_webhooks.arrivals,
    taskflow_webhooks.deliveries, taskflow_webhooks.attempts, taskflow_webhooks.response_bodies,
    taskflow_webhooks.replays
    TO taskflow_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA taskflow_webhooks TO taskflow_worker;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA taskflow_webhooks TO taskflow_worker;

-- Remembers handled events, for consumers; where PostgresDeduplication.migrate has made its tables.
DO $$ BEGIN
    IF to_regclass('taskflow_webhooks.handled_events') IS NOT NULL THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON taskflow_webhooks.handled_events TO taskflow_consumer;
        GRANT EXECUTE ON FUNCTION
            taskflow_webhooks.claim_handled(text, text, text, interval, timestamptz),
            taskflow_webhooks.commit_handled(text, text, text, bigint, timestamptz)
            TO taskflow_consumer;
        GRANT SELECT ON taskflow_webhooks.schema_versions TO taskflow_consumer;
    END IF;
END $$;

-- Looks, for people and dashboards: neither secrets nor bodies, header fields or exchanges of attempts. Paths and queries of
-- URLs often carry tokens, so webhooks are seen through a view that shows where each one leads, as scheme, host and port.
GRANT SELECT ON
    taskflow_webhooks.webhook_progress, taskflow_webhooks.queue, taskflow_webhooks.deliveries, taskflow_webhooks.replays,
    taskflow_webhooks.webhook_endpoints
    TO taskflow_viewer;
GRANT SELECT (account, delivery, number, webhook, started_at, duration, status_code, error_type, timings)
    ON taskflow_webhooks.attempts TO taskflow_viewer;
-- An earlier form of this script gave viewers the whole URL.
REVOKE SELECT (account, id, url, events, format, timeout, ordering, requests_per_second, version, created_at)
    ON taskflow_webhooks.webhooks FROM taskflow_viewer;
GRANT SELECT (account, id, published_at, type, fan_out) ON taskflow_webhooks.events TO taskflow_viewer;
