BEGIN;
SELECT clock_timestamp(), nextval('taskflow_webhooks.turns') AS turn \gset
SELECT COALESCE(array_agg(account), '{}')::text AS accounts FROM (SELECT account FROM taskflow_webhooks.accounts AS a JOIN taskflow_webhooks.account_locks AS l USING (account) WHERE due_at <= clock_timestamp() ORDER BY due_at, turn LIMIT 64 FOR UPDATE OF l SKIP LOCKED) AS a \gset
SELECT taskflow_webhooks.settle_arrivals(:accounts::text[], clock_timestamp());
SELECT account, webhook, count(*), min(due_at) FROM taskflow_webhooks.queue WHERE account = ANY (:accounts::text[]) AND status = 'leased' AND due_at > clock_timestamp() GROUP BY account, webhook;
SELECT w.*, p.* FROM taskflow_webhooks.webhooks AS w JOIN taskflow_webhooks.webhook_progress AS p ON p.account = w.account AND p.webhook = w.id WHERE w.account = ANY (:accounts::text[]);
SELECT COALESCE(array_agg(d.id), '{}')::text AS ids, COALESCE(array_agg(d.account), '{}')::text AS owners FROM taskflow_webhooks.webhook_progress AS p CROSS JOIN LATERAL (SELECT * FROM taskflow_webhooks.queue AS q WHERE q.account = p.account AND q.webhook = p.webhook AND q.hold = '' AND NOT is_retry AND due_at <= clock_timestamp() ORDER BY due_at, sequence LIMIT 1) AS d WHERE p.account = ANY (:accounts::text[]) \gset
UPDATE taskflow_webhooks.queue AS q SET status = 'leased', due_at = clock_timestamp() + interval '15 s', token = 1, is_charged = true, first_attempt_at = clock_timestamp() FROM unnest(:owners::text[], :ids::text[]) AS n (account, id) WHERE q.account = n.account AND q.id = n.id;
UPDATE taskflow_webhooks.webhook_progress SET last_triggered = clock_timestamp(), quota_used = quota_used + 1 WHERE account = ANY (:accounts::text[]);
UPDATE taskflow_webhooks.accounts SET due_at = clock_timestamp(), is_full = false, is_stale = false, turn = :turn WHERE account = ANY (:accounts::text[]);
SELECT e.body FROM unnest(:owners::text[], :ids::text[]) AS n (account, id) JOIN taskflow_webhooks.queue AS q ON q.account = n.account AND q.id = n.id JOIN taskflow_webhooks.events AS e ON e.account = q.account AND e.id = q.event AND e.published_at = q.event_at;
COMMIT;
BEGIN;
SELECT account FROM taskflow_webhooks.account_locks WHERE account = ANY (:accounts::text[]) ORDER BY account FOR UPDATE;
SELECT q.* FROM unnest(:owners::text[], :ids::text[]) AS n (account, id) JOIN taskflow_webhooks.queue AS q ON q.account = n.account AND q.id = n.id;
SELECT w.*, p.* FROM taskflow_webhooks.webhooks AS w JOIN taskflow_webhooks.webhook_progress AS p ON p.account = w.account AND p.webhook = w.id WHERE w.account = ANY (:accounts::text[]);
WITH gone AS (DELETE FROM taskflow_webhooks.queue AS q USING unnest(:owners::text[], :ids::text[]) AS n (account, id) WHERE q.account = n.account AND q.id = n.id RETURNING q.*) INSERT INTO taskflow_webhooks.deliveries (account, id, event, event_at, event_type, webhook, created_at, sequence, created_by, redelivery_of, ordering_key, resource, status, due_at, token, attempts, expired_leases, is_charged, first_attempt_at, bytes) SELECT account, id, event, event_at, event_type, webhook, created_at, sequence, created_by, redelivery_of, ordering_key, resource, 'succeeded', clock_timestamp(), token, 1, 0, true, first_attempt_at, bytes FROM gone;
INSERT INTO taskflow_webhooks.attempts (account, delivery, webhook, number, started_at, duration, status_code) SELECT d.account, d.id, d.webhook, 1, clock_timestamp(), 12000, 200 FROM unnest(:owners::text[], :ids::text[]) AS n (account, id) JOIN taskflow_webhooks.deliveries AS d ON d.account = n.account AND d.id = n.id;
UPDATE taskflow_webhooks.webhook_progress SET last_success = clock_timestamp(), succeeded = succeeded + 1, finished = finished + 1, open = open - 1 WHERE account = ANY (:accounts::text[]);
UPDATE taskflow_webhooks.accounts SET is_stale = true WHERE account = ANY (:accounts::text[]);
COMMIT;
