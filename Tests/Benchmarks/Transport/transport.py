"""Measures requests per second of all clients on the same server in the same run: medians of several alternating rounds.

    python transport.py BUILD-FOLDER ROUNDS OUTPUT transport|engine [SECONDS]

`transport`: the limit is `wrk`, the peer a bare AsyncHTTPClient. `engine`: the whole engine is compared with the bare transport
for the same requests, on a server that answers immediately and on one that takes 10 ms. Exits with 0 whatever the figures are,
because they are a report.
"""
import collections
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

BUILD, ROUNDS, OUTPUT, SUITE = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]
SECONDS = sys.argv[5] if len(sys.argv) > 5 else "2"
POST = """wrk.method = "POST"
wrk.body = string.rep("x", 1024)
wrk.headers["Content-Type"] = "application/json"
"""


def ours(kind):
    return lambda url, concurrency, root, _: int(subprocess.run(
        [BUILD / "TransportClient", kind, url, str(concurrency), SECONDS, *root], capture_output=True, text=True, check=True
    ).stdout)


def wrk(url, concurrency, _, script):
    text = subprocess.run(
        ["wrk", "-t1", f"-c{concurrency}", f"-d{SECONDS}s", "-s", script, url], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(text)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


Suite = collections.namedtuple("Suite", "servers concurrencies runners peers goals")
# Goals: by server, concurrency and runner, the least multiple of each peer's rate.
SUITES = {
    "transport": Suite(
        {"http": [], "https": ["certificate.pem", "key.pem"]}, [1, 32, 256],
        {"ours": ours("ours"), "ours, called from another thread": ours("ours-elsewhere"),
         "AsyncHTTPClient": ours("asynchttpclient"), "wrk": wrk},
        ["wrk", "AsyncHTTPClient"],
        {("http", 32, "ours"): [0.80, 3], ("http", 256, "ours"): [0.80, 3], ("https", 32, "ours"): [0.80, None]}),
    "engine": Suite(
        {"http": [], "http, 10 ms": ["--after", "10"]}, [32, 256],
        {"engine": ours("engine"), "bare transport": ours("bare")}, ["bare transport"],
        {(server, concurrency, "engine"): [0.90] for server in ["http", "http, 10 ms"] for concurrency in [32, 256]}),
}
suite = SUITES[SUITE]
rates = collections.defaultdict(list)
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    certificate, key, script = folder / "certificate.pem", folder / "key.pem", folder / "post.lua"
    script.write_text(POST)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    for name, options in suite.servers.items():
        scheme = name.split(",")[0]
        options = [folder / option if option.endswith(".pem") else option for option in options]
        with subprocess.Popen([BUILD / "TransportServer", *options], stdout=subprocess.PIPE, text=True) as server:
            try:
                url = f"{scheme}://localhost:{server.stdout.readline().strip()}/hook"
                for number in range(ROUNDS):
                    print(f"{name}: round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
                    for concurrency in suite.concurrencies:
                        for who, run in suite.runners.items():
                            root = [str(certificate)] if scheme == "https" else []
                            rates[name, concurrency, who].append(run(url, concurrency, root, script))
            finally:
                server.kill()

medians = {key: statistics.median(values) for key, values in rates.items()}
records = []
columns = " ".join(f"{'of ' + peer:>18}" for peer in suite.peers)
print(f"{'per second, bodies of about 1 KB':50} {'rate':>8} {columns}   goal")
for (name, concurrency, who), rate in medians.items():
    ratios = [rate / medians[name, concurrency, peer] for peer in suite.peers]
    goals = suite.goals.get((name, concurrency, who), [None] * len(ratios))
    verdict = [f">= {goal} x {peer} {'met' if ratio >= goal else 'NOT MET'}"
               for goal, ratio, peer in zip(goals, ratios, suite.peers) if goal is not None]
    print(f"{name:12} {concurrency:3} {who:33} {rate:8.0f} {' '.join(f'{ratio:18.2f}' for ratio in ratios)}   {', '.join(verdict)}")
    records.append({"server": name, "concurrency": concurrency, "who": who, "rate": rate, "of": dict(zip(suite.peers, ratios))})
OUTPUT.write_text(json.dumps(records, indent=2) + "\n")
print(f"as JSON: {OUTPUT}")
