"""Requests per second of everybody on the same server in the same run, several rounds in turn, medians.

    python transport.py BUILD-FOLDER ROUNDS OUTPUT [SECONDS]

The limit is `wrk`, the peer a bare AsyncHTTPClient. Exits with 0 whatever the figures are: a figure is a report.
"""
import collections
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

BUILD, ROUNDS, OUTPUT = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
SECONDS = sys.argv[4] if len(sys.argv) > 4 else "2"
CONCURRENCIES = [1, 32, 256]
POST = """wrk.method = "POST"
wrk.body = string.rep("x", 1024)
wrk.headers["Content-Type"] = "application/json"
"""
# Scheme and concurrency: the least share of wrk's rate, the least multiple of AsyncHTTPClient's.
GOALS = {("http", 32): (0.80, 3), ("http", 256): (0.80, 3), ("https", 32): (0.80, None)}


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


RUNNERS = {
    "ours": ours("ours"), "ours, called from another thread": ours("ours-elsewhere"),
    "AsyncHTTPClient": ours("asynchttpclient"), "wrk": wrk,
}

rates = collections.defaultdict(list)
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    certificate, key, script = folder / "certificate.pem", folder / "key.pem", folder / "post.lua"
    script.write_text(POST)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    for scheme, files in [("http", []), ("https", [certificate, key])]:
        with subprocess.Popen([BUILD / "TransportServer", *files], stdout=subprocess.PIPE, text=True) as server:
            try:
                url = f"{scheme}://localhost:{server.stdout.readline().strip()}/hook"
                for number in range(ROUNDS):
                    print(f"{scheme}: round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
                    for concurrency in CONCURRENCIES:
                        for who, run in RUNNERS.items():
                            root = [str(certificate)] if files else []
                            rates[scheme, concurrency, who].append(run(url, concurrency, root, script))
            finally:
                server.kill()

medians = {key: statistics.median(values) for key, values in rates.items()}
records = []
print(f"{'requests per second, 1 KB bodies':34} {'rate':>8} {'of wrk':>7} {'of AHC':>7}   goal")
for (scheme, concurrency, who), rate in medians.items():
    of_wrk = rate / medians[scheme, concurrency, "wrk"]
    of_ahc = rate / medians[scheme, concurrency, "AsyncHTTPClient"]
    verdict = []
    least_of_wrk, least_of_ahc = GOALS.get((scheme, concurrency), (None, None)) if who == "ours" else (None, None)
    for goal, ratio, name in [(least_of_wrk, of_wrk, "wrk"), (least_of_ahc, of_ahc, "AsyncHTTPClient")]:
        if goal is not None:
            verdict.append(f">= {goal} x {name} {'met' if ratio >= goal else 'NOT MET'}")
    print(f"{scheme:5} {concurrency:3} {who:24.33} {rate:8.0f} {of_wrk:7.2f} {of_ahc:7.2f}   {', '.join(verdict)}")
    records.append({"scheme": scheme, "concurrency": concurrency, "who": who, "rate": rate, "of_wrk": of_wrk, "of_ahc": of_ahc})
OUTPUT.write_text(json.dumps(records, indent=2) + "\n")
print(f"as JSON: {OUTPUT}")
