"""Measures how long the events of a healthy account wait for the first byte of their request, beside hostile accounts.

    python neighbours.py WORKER ROUNDS OUTPUT [KIND …]

It publishes 100 events a second to an endpoint that answers immediately: alone, and beside 1, 2, 10 and 100 accounts of each kind, on
SQLite and PostgreSQL; `hunt` runs further kinds, each with its own number of accounts. The goal: p99 beside them at most twice the p99
alone, or 25 ms more, whichever is larger; no failed attempt, no missing event, and the webhook still enabled.
Exits with 0 whatever the figures are, because they are a report.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Crash"))
import servers  # noqa: E402

WORKER, ROUNDS, OUTPUT, KINDS = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4:]
KINDS = KINDS or ["names", "connects", "tls", "slow", "drip", "large", "tests", "registrations", "replays", "ordering", "throttle"]
# Further kinds with their numbers of accounts, and how many events wait or were delivered when they begin; each account of `replays`
# has five webhooks.
HUNT = {"hosts": (1, 0), "moving": (10, 0), "trickle": (10, 0), "headers": (10, 0), "turns": (10, 0), "backlog": (1, 100_000),
        "crowd": (10_000, 10_000), "drains": (1, 100_000), "deletion": (1, 100_000), "statistics": (1, 100_000), "replays": (1, 20_000)}
COUNTS = [int(count) for count in os.environ.get("ACCOUNTS", "1 2 10 100").split()]
STORES = os.environ.get("STORES", "sqlite postgres").split()
records = []


class Runs:
    def __init__(self, folder, server, ports, port):
        self.folder, self.server, self.ports, self.port, self.number = folder, server, ports, port, 0

    def place(self, store):
        """Returns an empty store for each run, so that runs do not affect each other."""
        self.number += 1
        if store == "sqlite":
            return f"sqlite:{self.folder / f'{self.number}.sqlite'}"
        self.server.sql(f"CREATE DATABASE neighbours_{self.number}")
        return f"postgres:host={self.server.socket} user=postgres dbname=neighbours_{self.number}"

    def run(self, store, *options):
        ports = [word for name in self.ports if name != "names" for word in (f"--{name}", self.ports[name])]
        command = [WORKER, "neighbours", self.place(store), "--port", self.port, "--name-server", f"127.0.0.1:{self.ports['names']}",
                   *ports, *options]
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900)
        lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
        if not lines:
            raise SystemExit(f"{command}: {result.stderr[-2000:]}")
        for file in self.folder.glob(f"{self.number}.sqlite*"):
            file.unlink()
        return json.loads(lines[-1])


def report(store, kind, count, figures, alone):
    p50, p99 = (statistics.median(f[name] for f in figures) / 1000 for name in ("p50_us", "p99_us"))
    harm = [sum(f[name] for f in figures) for name in ("missing", "failures")] + [sum(not f["is_active"] for f in figures)]
    verdict = ""
    if alone is not None:
        bound = max(2 * alone, alone + 25)
        verdict = f"<= {bound:.0f} ms {'met' if p99 <= bound and not any(harm) else 'NOT MET'}"
    beside = "alone" if kind is None else f"beside {count:3} {kind}"
    others = ", ".join(f"{number} {result}" for result, number in sorted(figures[-1]["others"].items()))
    print(f"{store:9} {beside:26} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   {harm[0]} missing, {harm[1]} failed, {harm[2]} off   "
          f"{statistics.median(f['peak_kb'] for f in figures) / 1024:4.0f} MB   {verdict:16} others: {others}",
          flush=True)
    records.append({"store": store, "kind": kind, "accounts": count, "p50_ms": p50, "p99_ms": p99, "missing": harm[0],
                    "failures": harm[1], "off": harm[2]})
    return p99


def measure(runs):
    rows = [(kind, count, 2000) for kind in KINDS if kind != "hunt" for count in COUNTS]
    if "hunt" in KINDS:
        rows += [(kind, *row) for kind, row in HUNT.items()]
    for store in STORES:
        alone = report(store, None, 0, [runs.run(store) for _ in range(ROUNDS)], None)
        for kind, count, history in rows:
            figures = [runs.run(store, "--kind", kind, "--accounts", count, "--history", history) for _ in range(ROUNDS)]
            report(store, kind, count, figures, alone)


with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
    folder = pathlib.Path(folder)
    folder.chmod(0o755)
    server = servers.Server(folder / "server")
    server.create()
    server.configure("shared_buffers = 1GB\nmax_wal_size = 4GB\n")
    server.start()
    hostile = subprocess.Popen([sys.executable, HERE / "endpoints.py"], stdout=subprocess.PIPE, text=True)
    healthy = subprocess.Popen([WORKER, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        measure(Runs(folder, server, json.loads(hostile.stdout.readline()), int(healthy.stdout.readline())))
    finally:
        hostile.kill()
        healthy.kill()
        server.stop("immediate")
OUTPUT.write_text(json.dumps(records, indent=2) + "\n")
print(f"as JSON: {OUTPUT}")
