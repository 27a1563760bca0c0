// The limit for SQLiteStore: the same reads and writes of the same tables, through the C API alone, in batches of the same size.
// It makes no decisions and decodes no values.
//
//     raw_sqlite FILE EVENTS ACCOUNTS BATCH     FILE has the tables and webhooks of a StoreWorker
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *db;

static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void text(sqlite3_stmt *s, int place, const char *value) { sqlite3_bind_text(s, place, value, -1, SQLITE_TRANSIENT); }

static int step(sqlite3_stmt *s) {
    int code = sqlite3_step(s);
    check(code);
    return code == SQLITE_ROW;
}

static void done(sqlite3_stmt *s) {
    while (step(s)) {}
    sqlite3_reset(s);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    int events = atoi(arguments[2]), accounts = atoi(arguments[3]), batch = atoi(arguments[4]);
    check(sqlite3_open(arguments[1], &db));
    check(sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;"
        "PRAGMA wal_autocheckpoint = 8192; PRAGMA foreign_keys = ON", NULL, NULL, NULL));
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
    sqlite3_stmt *known = prepare("SELECT body, receipt FROM taskflow_events WHERE account = ? AND id = ?");
    sqlite3_stmt *last = prepare("SELECT COALESCE(MAX(sequence), 0) FROM taskflow_deliveries");
    sqlite3_stmt *webhooks = prepare("SELECT id, state, events, ordering, open FROM taskflow_webhooks WHERE account = ? ORDER BY created_at, id");
    sqlite3_stmt *deliver = prepare("INSERT INTO taskflow_deliveries (sequence, id, account, event, event_type, webhook, created_at, created_by,"
        " redelivery_of, ordering_key, status, due_at, token, attempts, expired_leases, is_charged, first_attempt_at, hold)"
        " VALUES (?, ?, ?, ?, 'task.archived', ?, ?, 'event', NULL, NULL, 'pending', ?, 0, 0, 0, 0, NULL, '')");
    sqlite3_stmt *opened = prepare("UPDATE taskflow_webhooks SET open = open + 1 WHERE id = ?");
    sqlite3_stmt *closed = prepare("UPDATE taskflow_webhooks SET open = open - 1 WHERE id = ?");
    sqlite3_stmt *keep = prepare("INSERT INTO taskflow_events (account, id, type, body, published_at, fan_out, receipt)"
        " VALUES (?, ?, 'task.archived', ?, ?, 1, ?)");
    sqlite3_stmt *wake = prepare("UPDATE taskflow_accounts SET due_at = ?2 WHERE account = ?1 AND (due_at IS NULL OR due_at > ?2)");
    sqlite3_stmt *due_accounts = prepare("SELECT account FROM taskflow_accounts WHERE due_at <= ? AND turn < ? ORDER BY due_at, turn, account LIMIT ?");
    sqlite3_stmt *whole = prepare("SELECT * FROM taskflow_webhooks WHERE account = ?");
    sqlite3_stmt *due = prepare("SELECT *, (SELECT LENGTH(body) FROM taskflow_events e WHERE e.account = d.account AND e.id = d.event)"
        " FROM taskflow_deliveries d WHERE status = 'pending' AND hold = '' AND webhook = ? AND is_retry = 0 AND due_at <= ? ORDER BY due_at, sequence LIMIT 1");
    sqlite3_stmt *lease = prepare("UPDATE taskflow_deliveries SET status = 'leased', reason = NULL, due_at = ?, token = 1, attempts = 0, expired_leases = 0,"
        " is_charged = 1, first_attempt_at = ? WHERE sequence = ?");
    sqlite3_stmt *progress = prepare("UPDATE taskflow_webhooks SET state = 'active', last_triggered = ?, last_success = ?, succeeded = succeeded + 1,"
        " finished = finished + 1, quota_day = 1, quota_used = quota_used + 1, health = ? WHERE id = ?");
    sqlite3_stmt *turn = prepare("UPDATE taskflow_accounts SET due_at = ?, is_full = 0, is_stale = 0, turn = ? WHERE account = ?");
    sqlite3_stmt *body = prepare("SELECT body FROM taskflow_events WHERE account = ? AND id = ?");
    sqlite3_stmt *one = prepare("SELECT * FROM taskflow_deliveries WHERE account = ? AND id = ?");
    sqlite3_stmt *one_webhook = prepare("SELECT * FROM taskflow_webhooks WHERE id = ?");
    sqlite3_stmt *succeed = prepare("UPDATE taskflow_deliveries SET status = 'succeeded', reason = NULL, due_at = ?, token = 1, attempts = 1, expired_leases = 0,"
        " is_charged = 1, first_attempt_at = ? WHERE sequence = ?");
    sqlite3_stmt *attempt = prepare("INSERT INTO taskflow_attempts (delivery, number, webhook, started_at, duration, status_code, error_type, timings)"
        " VALUES (?, 1, ?, ?, 12000, 200, NULL, NULL)");

    char payload[1024], event[64], delivery[64], account[64], receipt[200], health[160];
    memset(payload, 'x', sizeof payload);
    memset(health, 'h', sizeof health);
    long long time_base = 1700000000000000LL + (long long)now(), sequence;
    int run = rand_r(&(unsigned){(unsigned)now()}) % 1000000;

    double start = now();
    for (int first = 0; first < events; first += batch) {
        done(begin);
        for (int number = first; number < first + batch && number < events; number++) {
            long long moment = time_base + number;
            snprintf(account, sizeof account, "bench_%d", number % accounts);
            snprintf(event, sizeof event, "evt_%016d_%d_%d", 0, run, number);
            snprintf(delivery, sizeof delivery, "del_%010lld_%06d_%09d", time_base / 1000000, run, number);
            text(known, 1, account); text(known, 2, event); done(known);
            step(last); sequence = sqlite3_column_int64(last, 0) + 1; sqlite3_reset(last);
            text(webhooks, 1, account); step(webhooks);
            const char *webhook = (const char *)sqlite3_column_text(webhooks, 0);
            snprintf(receipt, sizeof receipt, "{\"version\":1,\"entries\":[{\"webhook\":\"%s\",\"delivery\":\"%s\"}]}", webhook, delivery);
            sqlite3_bind_int64(deliver, 1, sequence); text(deliver, 2, delivery); text(deliver, 3, account); text(deliver, 4, event);
            text(deliver, 5, webhook); sqlite3_bind_int64(deliver, 6, moment); sqlite3_bind_int64(deliver, 7, moment); done(deliver);
            text(opened, 1, webhook); sqlite3_reset(webhooks); done(opened);
            text(keep, 1, account); text(keep, 2, event); sqlite3_bind_blob(keep, 3, payload, sizeof payload, SQLITE_STATIC);
            sqlite3_bind_int64(keep, 4, moment); sqlite3_bind_blob(keep, 5, receipt, (int)strlen(receipt), SQLITE_STATIC); done(keep);
            text(wake, 1, account); sqlite3_bind_int64(wake, 2, moment); done(wake);
        }
        done(commit);
    }
    double published = now() - start;

    start = now();
    long long moment = time_base + events + 1, number_of_turn = time_base;
    int worked = 0;
    struct { char account[64], webhook[64], event[80], delivery[80]; long long sequence; } *taken = calloc(batch, sizeof *taken);
    for (;;) {
        int found = 0, looked = 0;
        number_of_turn++;
        done(begin);
        sqlite3_bind_int64(due_accounts, 1, moment); sqlite3_bind_int64(due_accounts, 2, number_of_turn); sqlite3_bind_int(due_accounts, 3, batch);
        while (step(due_accounts)) snprintf(taken[looked++].account, 64, "%s", sqlite3_column_text(due_accounts, 0));
        sqlite3_reset(due_accounts);
        for (int i = 0; i < looked; i++) {
            text(whole, 1, taken[i].account); step(whole);
            snprintf(taken[found].webhook, 64, "%s", sqlite3_column_text(whole, 0)); sqlite3_reset(whole);
            memmove(taken[found].account, taken[i].account, 64);
            text(due, 1, taken[found].webhook); sqlite3_bind_int64(due, 2, moment);
            int has = step(due);
            if (has) {
                taken[found].sequence = sqlite3_column_int64(due, 0);
                snprintf(taken[found].delivery, 80, "%s", sqlite3_column_text(due, 1));
                snprintf(taken[found].event, 80, "%s", sqlite3_column_text(due, 3));
            }
            sqlite3_reset(due);
            if (has) {
                sqlite3_bind_int64(lease, 1, moment + 15000000); sqlite3_bind_int64(lease, 2, moment);
                sqlite3_bind_int64(lease, 3, taken[found].sequence); done(lease);
                sqlite3_bind_int64(progress, 1, moment); sqlite3_bind_int64(progress, 2, moment);
                sqlite3_bind_blob(progress, 3, health, sizeof health, SQLITE_STATIC); text(progress, 4, taken[found].webhook); done(progress);
            }
            if (has) sqlite3_bind_int64(turn, 1, moment); else sqlite3_bind_null(turn, 1);
            sqlite3_bind_int64(turn, 2, number_of_turn); text(turn, 3, taken[i].account); done(turn);
            if (has) {
                text(body, 1, taken[found].account); text(body, 2, taken[found].event); step(body);
                memcpy(payload, sqlite3_column_blob(body, 0), sizeof payload); sqlite3_reset(body);
                found++;
            }
        }
        done(commit);
        if (!looked) break;
        done(begin);
        for (int i = 0; i < found; i++) {
            text(one, 1, taken[i].account); text(one, 2, taken[i].delivery); done(one);
            text(one_webhook, 1, taken[i].webhook); done(one_webhook);
            sqlite3_bind_int64(succeed, 1, moment); sqlite3_bind_int64(succeed, 2, moment);
            sqlite3_bind_int64(succeed, 3, taken[i].sequence); done(succeed);
            text(attempt, 1, taken[i].delivery); text(attempt, 2, taken[i].webhook); sqlite3_bind_int64(attempt, 3, moment); done(attempt);
            text(closed, 1, taken[i].webhook); done(closed);
            sqlite3_bind_int64(progress, 1, moment); sqlite3_bind_int64(progress, 2, moment);
            sqlite3_bind_blob(progress, 3, health, sizeof health, SQLITE_STATIC); text(progress, 4, taken[i].webhook); done(progress);
            sqlite3_bind_int64(turn, 1, moment); sqlite3_bind_int64(turn, 2, number_of_turn); text(turn, 3, taken[i].account); done(turn);
        }
        done(commit);
        worked += found;
    }
    double working = now() - start;
    printf("{\"published\": %d, \"publish_us\": %f, \"worked\": %d, \"work_us\": %f}\n",
        events, published / events, worked, working / (worked ? worked : 1));
    return 0;
}
