"""Several workers on one PostgreSQL server, without faults: nothing is sent twice, quotas are exact, and there are no deadlocks.

    python workers.py WORKER SECONDS

Runs 1, 2 and 4 worker processes for a third of the time each, then 8 that compete for the last deliveries of a day. Exits with 1
if anything is wrong.
"""
import collections
import pathlib
import subprocess
import sys
import tempfile
import time

import servers

WORKER, SECONDS = sys.argv[1], float(sys.argv[2])
HERE = pathlib.Path(__file__).resolve().parent
DAILY_LIMIT = 50


def fail(text):
    print(f"FAILED: {text}")
    sys.exit(1)


def work(count, seconds, store, url, *options):
    """Runs workers until everything is delivered, or until the time is up."""
    # One worker registers the webhooks first, without deliveries: started together, each worker would register its own.
    subprocess.run([WORKER, "deliver", store, url], check=True, capture_output=True, timeout=60)
    commands = [[WORKER, "deliver", store, url, "--rate", str(600 // count), "--prefix", f"w{count}_{number}",
                 "--lease-margin", "20000", *options] for number in range(count)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands]
    time.sleep(seconds)
    for worker in workers:
        if worker.poll() is not None:
            fail(f"a worker exited unexpectedly: {worker.stderr.read()}")
        worker.terminate()
    for worker in workers:
        worker.wait()


def requests(path):
    counts = collections.Counter()
    for line in open(path):
        _, delivery, attempt, _, _ = line.split("\t")
        counts[delivery, attempt] += 1
    return counts


def main(folder):
    server = servers.Server(folder / "server")
    server.create()
    server.start()
    database = f"host={server.socket} user=postgres dbname="
    try:
        for count in (1, 2, 4):
            server.sql(f"CREATE DATABASE workers_{count}")
            store = f"postgres:{database}workers_{count}"
            log = folder / f"log_{count}"
            receiver = subprocess.Popen([sys.executable, HERE / "receiver.py", log, "5"], stdout=subprocess.PIPE, text=True)
            url = f"http://127.0.0.1:{receiver.stdout.readline().strip()}"
            work(count, SECONDS / 3, store, url)
            receiver.kill()
            counts = requests(log)
            # Requests in flight when their worker is stopped may be repeated; before that, nothing was sent twice.
            repeated = sum(count - 1 for count in counts.values())
            deadlocks = server.sql(f"SELECT deadlocks FROM pg_stat_database WHERE datname = 'workers_{count}'")
            print(f"{count} workers, {SECONDS / 3:.0f} s: {len(counts)} requests, {repeated} sent twice, {deadlocks} deadlocks")
            if repeated or deadlocks != "0":
                log = server.log.read_text()
                fail(f"{repeated} requests were sent twice, {deadlocks} deadlocks; {log[log.find('deadlock'):][:2000]}")

        server.sql("CREATE DATABASE quota")
        store = f"postgres:{database}quota"
        log = folder / "log_quota"
        receiver = subprocess.Popen([sys.executable, HERE / "receiver.py", log, "0"], stdout=subprocess.PIPE, text=True)
        url = f"http://127.0.0.1:{receiver.stdout.readline().strip()}"
        work(8, 15, store, url, "--daily-limit", str(DAILY_LIMIT))
        receiver.kill()
        attempted = subprocess.run(
            [servers.BIN / "psql", f"{database}quota", "-XAtqc",
             "SELECT string_agg(DISTINCT n::text, ',') FROM (SELECT webhook, count(DISTINCT delivery) AS n"
             " FROM taskflow_webhooks.attempts GROUP BY webhook) AS w"], capture_output=True, text=True, check=True).stdout.strip()
        print(f"8 workers compete for {DAILY_LIMIT} deliveries a day of each of 16 webhooks: each got {attempted}")
        if attempted != str(DAILY_LIMIT):
            fail("a quota is not exact")
    finally:
        server.stop("immediate")


with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder).chmod(0o755)
    main(pathlib.Path(folder))
