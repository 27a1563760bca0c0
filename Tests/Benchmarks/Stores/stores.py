"""Compares the stores with their limits and a peer in the same run: medians of several rounds.

    python stores.py WORKER RAW-SQLITE ROUNDS OUTPUT stores|end-to-end

`stores`: the cost of a delivery in microseconds, from publishing to its report, without sending anything. The limits are the same
writes through SQLite's C API and the equivalent statements in `pgbench`; the peer is procrastinate on the same server.
`end-to-end`: events delivered over HTTP by one process. Exits with 0 whatever the figures are, because they are a report.
"""
import asyncio
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Crash"))
import servers  # noqa: E402

WORKER, RAW, ROUNDS, OUTPUT, SUITE = sys.argv[1], sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4]), sys.argv[5]
EVENTS, ACCOUNTS = int(os.environ.get("EVENTS", "20000")), 512
LARGEST = int(os.environ.get("PENDING", "1000000"))
records = []


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command):
    return json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def cost(figures):
    """Microseconds per delivery, for publishing and work together."""
    return figures["publish_us"] + figures["work_us"]


def report(what, ours, peer=None, theirs=None, goal=None, unit="us"):
    """Prints one row: the medians of ours and the peer's. A goal is the least multiple of the peer's speed."""
    ours = statistics.median(ours)
    ratio = None if theirs is None else statistics.median(theirs) / ours
    verdict = "" if goal is None else f">= {goal} {'met' if ratio >= goal else 'NOT MET'}"
    beside = "" if theirs is None else f"{peer:42} {statistics.median(theirs):9.1f} {unit} {ratio:6.2f}"
    print(f"{what:52} {ours:9.1f} {unit}   {beside}   {verdict}", flush=True)
    records.append({"what": what, "ours": ours, "unit": unit, "peer": peer,
                    "theirs": None if theirs is None else statistics.median(theirs), "ratio": ratio, "goal": goal})


class Database:
    """A separate database on the server, with its connection string."""

    def __init__(self, server, name):
        server.sql(f"CREATE DATABASE {name}")
        self.server, self.name = server, name
        self.connection = f"host={server.socket} user=postgres dbname={name}"
        self.store = f"postgres:{self.connection}"

    def sql(self, text):
        return subprocess.run(
            [servers.BIN / "psql", self.connection, "-XAtqc", text], capture_output=True, text=True, check=True).stdout.strip()

    def pgbench(self, script, transactions):
        text = subprocess.run(
            [servers.BIN / "pgbench", "-n", "-M", "prepared", "-c", "2", "-j", "2", "-t", str(transactions), "-f", HERE / script,
             self.connection], capture_output=True, text=True, check=True).stdout
        return 2 * transactions / float(re.search(r"tps = ([\d.]+)", text)[1])


def pgbench_cycle(database):
    """Does the same work with `pgbench`; returns microseconds per delivery."""
    transactions = EVENTS // 64
    published = database.pgbench("publish.sql", transactions) / (2 * transactions * 32) * 1e6
    database.sql("UPDATE taskflow_webhooks.accounts SET due_at = now()")
    before = int(database.sql("SELECT count(*) FROM taskflow_webhooks.queue"))
    seconds = database.pgbench("work.sql", transactions // 2)
    worked = before - int(database.sql("SELECT count(*) FROM taskflow_webhooks.queue"))
    return published + seconds / worked * 1e6


def procrastinate_cycle(database):
    """Defers empty jobs in batches of 32 and runs them in one worker, 64 at once; returns microseconds per job."""
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database.connection, min_size=4, max_size=8))

    @app.task(name="deliver")
    async def deliver(body):
        pass

    async def cycle():
        count = EVENTS // 10
        body = "x" * 980
        async with app.open_async():
            if not database.sql("SELECT to_regclass('procrastinate_jobs')"):
                await app.schema_manager.apply_schema_async()
            begin = time.monotonic()
            for _ in range(0, count, 32):
                await deliver.batch_defer_async(*[{"body": body}] * 32)
            await app.run_worker_async(wait=False, concurrency=64, install_signal_handlers=False, delete_jobs="never")
            return (time.monotonic() - begin) / count * 1e6

    return asyncio.run(cycle())


def fill_sqlite(path, pending):
    """Inserts waiting events and deliveries, spread over the accounts, as the store writes them."""
    database = sqlite3.connect(path)
    webhooks = dict(database.execute("SELECT account, id FROM taskflow_webhooks"))
    first = database.execute("SELECT COALESCE(MAX(sequence), 0) FROM taskflow_deliveries").fetchone()[0] + 1
    now = int(time.time() * 1e6) - 1_000_000
    numbers = range(first, first + pending)
    body = b"x" * 200
    database.executemany(
        "INSERT INTO taskflow_events (account, id, type, body, published_at, fan_out, receipt) VALUES (?, ?, 'a', ?, ?, 1, '')"
        .replace("''", "x''"),
        ((f"bench_{n % ACCOUNTS}", f"evt_fill_{n:012}", body, now) for n in numbers))
    database.executemany(
        "INSERT INTO taskflow_deliveries (sequence, id, account, event, event_type, webhook, created_at, created_by, status, due_at,"
        " token, attempts, expired_leases, is_charged) VALUES (?, ?, ?, ?, 'a', ?, ?, 'event', 'pending', ?, 0, 0, 0, 0)",
        ((n, f"del_fill_{n:012}", f"bench_{n % ACCOUNTS}", f"evt_fill_{n:012}", webhooks[f"bench_{n % ACCOUNTS}"], now, now)
         for n in numbers))
    database.execute("UPDATE taskflow_accounts SET due_at = ?", (now,))
    database.execute("UPDATE taskflow_webhooks SET open = open + ?", (pending // ACCOUNTS,))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def fill_postgres(database, pending):
    first = int(database.sql("SELECT nextval('taskflow_webhooks.delivery_numbers')"))
    for begin in range(first, first + pending, 1_000_000):
        end = min(begin + 1_000_000, first + pending) - 1
        database.sql(f"""
            SET synchronous_commit = off;
            INSERT INTO taskflow_webhooks.event_keys SELECT 'bench_' || n % {ACCOUNTS}, 'evt_fill_' || n, '2026-01-01Z'
            FROM generate_series({begin}, {end}) AS n;
            INSERT INTO taskflow_webhooks.events (account, id, published_at, type, body, fan_out, receipt)
            SELECT 'bench_' || n % {ACCOUNTS}, 'evt_fill_' || n, '2026-01-01Z', 'a', convert_to(repeat('x', 200), 'UTF8'), 1, ''
            FROM generate_series({begin}, {end}) AS n;
            INSERT INTO taskflow_webhooks.queue (account, id, event, event_at, event_type, webhook, created_at, sequence, created_by,
                status, due_at, token, attempts, expired_leases, is_charged, bytes)
            SELECT w.account, 'del_fill_' || n, 'evt_fill_' || n, '2026-01-01Z', 'a', w.id, '2026-01-01Z', n, 'event', 'pending',
                now(), 0, 0, 0, false, 200
            FROM generate_series({begin}, {end}) AS n
            JOIN taskflow_webhooks.webhooks AS w ON w.account = 'bench_' || n % {ACCOUNTS}""")
    database.sql(f"SELECT setval('taskflow_webhooks.delivery_numbers', {first + pending});"
                 f"UPDATE taskflow_webhooks.accounts SET due_at = now();"
                 f"UPDATE taskflow_webhooks.webhook_progress SET open = open + {pending // ACCOUNTS}")
    database.sql("VACUUM ANALYZE")


def with_pending(what, store, fill, largest):
    """Measures the cost of a cycle beside more and more waiting deliveries, which are due as well."""
    there, base = 0, None
    size = 10_000
    while size <= largest:
        say(f"{what}: {size} pending")
        fill(size - there)
        there = size
        rounds = [cost(run(WORKER, "cycle", store, "--events", 4000, "--accounts", ACCOUNTS, "--most", 4000)) for _ in range(ROUNDS)]
        base = base or rounds
        report(f"{what}, {size} pending", rounds, f"{what}, 10000 pending", base, 0.8)
        size *= 10


def stores(folder, server):
    sqlite, raw = folder / "ours.sqlite", folder / "raw.sqlite"
    postgres, bench, peer = (Database(server, name) for name in ("ours", "bench", "peer"))
    for store in (f"sqlite:{sqlite}", f"sqlite:{raw}", postgres.store, bench.store):
        run(WORKER, "cycle", store, "--events", ACCOUNTS, "--accounts", ACCOUNTS)
    figures = {name: [] for name in ("sqlite", "raw", "postgres", "pgbench", "procrastinate")}
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}")
        figures["sqlite"].append(cost(run(WORKER, "cycle", f"sqlite:{sqlite}", "--events", EVENTS, "--accounts", ACCOUNTS)))
        figures["raw"].append(cost(run(RAW, raw, EVENTS, ACCOUNTS, 64)))
        figures["postgres"].append(cost(run(WORKER, "cycle", postgres.store, "--events", EVENTS, "--accounts", ACCOUNTS)))
        figures["pgbench"].append(pgbench_cycle(bench))
        figures["procrastinate"].append(procrastinate_cycle(peer))
    report("SQLite: publish, claim and settle a delivery", figures["sqlite"], "the same writes, C API", figures["raw"], 0.6)
    report("PostgreSQL: publish, claim and settle a delivery", figures["postgres"], "pgbench", figures["pgbench"], 0.8)
    report("PostgreSQL: publish, claim and settle a delivery", figures["postgres"], "procrastinate, an empty job",
           figures["procrastinate"])
    filled, files = Database(server, "filled"), folder / "filled.sqlite"
    for store in (f"sqlite:{files}", filled.store):
        run(WORKER, "cycle", store, "--events", ACCOUNTS, "--accounts", ACCOUNTS)
    with_pending("SQLite", f"sqlite:{files}", lambda count: fill_sqlite(files, count), min(LARGEST, 1_000_000))
    with_pending("PostgreSQL", filled.store, lambda count: fill_postgres(filled, count), LARGEST)


def end_to_end(folder, server):
    events = int(os.environ.get("EVENTS", "100000"))
    with subprocess.Popen([WORKER, "serve"], stdout=subprocess.PIPE, text=True) as endpoint:
        try:
            url = f"http://127.0.0.1:{endpoint.stdout.readline().strip()}/hook"
            for name, store in (("SQLite", f"sqlite:{folder / 'load.sqlite'}"), ("PostgreSQL", Database(server, "load").store)):
                say(f"{name}: {events} events")
                whole = run(WORKER, "load", store, url, "--events", events)
                idle = [run(WORKER, "load", store, url, "--events", 500, "--rate", 100, "--publishers", 4) for _ in range(ROUNDS)]
                print(f"{name}: {whole['delivered']} events delivered: {whole['per_second']:.0f} a second, first requests"
                      f" after {whole['first_p99_us'] / 1e6:.2f} s at the 99th percentile (as fast as they are published),"
                      f" {whole['cpu_per_1000']:.2f} s of CPU for 1000 deliveries, {whole['peak_mb']} MB at most")
                for percentile in ("p50", "p99"):
                    report(f"{name}: publish to first request, 100 a second, {percentile}",
                           [figures[f"first_{percentile}_us"] for figures in idle])
                records.append({"what": f"{name}, end to end", **whole})
        finally:
            endpoint.kill()


with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
    folder = pathlib.Path(folder)
    folder.chmod(0o755)
    server = servers.Server(folder / "server")
    server.create()
    server.configure("shared_buffers = 1GB\nmax_wal_size = 4GB\n")
    server.start()
    try:
        {"stores": stores, "end-to-end": end_to_end}[SUITE](folder, server)
    finally:
        server.stop("immediate")
OUTPUT.write_text(json.dumps(records, indent=2) + "\n")
print(f"as JSON: {OUTPUT}")
