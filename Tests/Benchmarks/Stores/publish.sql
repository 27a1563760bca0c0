\set n random(1, 1000000000)
SELECT count(*) FROM generate_series(1, 32) AS i, LATERAL taskflow_webhooks.keep_event('bench_' || ((i + 32 * :client_id) % 64), 'pgbench_' || :client_id || '_' || :n || '_' || i, 'task.archived', convert_to(repeat('x', 980), 'UTF8'), NULL, 9223372036854775807, NULL, true, false);
