"""Runs all programs in several alternating rounds, and prints the medians, one row per figure: ours, the peer, the ratio, the goal.

    python scoreboard.py PROGRAM ROUNDS OUTPUT AREA…

A ratio is ours divided by the peer's, or the reverse for `at least` goals. Exits with 0 whatever the figures are: machines are
shared and noisy, and the figures are a report.
"""
import collections
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PROGRAM, ROUNDS, OUTPUT, AREAS = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4:]
PEERS = pathlib.Path(__file__).resolve().parent / "peers"
SIZES = {"256 B": 256, "1 KB": 1024, "16 KB": 16_384, "1 MB": 1_048_576}

# Row, peer, goal: `<= x` bounds ours / peer, `>= x` bounds peer / ours.
GOALS = {"signing": [], "json": [], "receiver": [], "constant-time": [], "engine": [], "scheduler": []}
for size in SIZES:
    for what in ("sign", "verify", "sign, timestamped", "verify, timestamped"):
        GOALS["signing"].append((f"{what} {size}", "openssl speed", "<= 1.10"))
GOALS["signing"] += [
    ("sign 256 B", "swift-crypto", ">= 4"), ("sign 256 B", "Python", ">= 1"), ("sign 256 B", "Node", ">= 1"),
    ("verify 256 B", "Python", ">= 1"), ("verify 256 B", "Node", ">= 1"), ("sign 1 MB", "Python", None), ("sign 1 MB", "Node", None),
    ("sign 256 B, 2 threads", "sign 256 B, 1 thread", ">= 1.6"), ("sign v1a 1 KB", None, None), ("verify v1a 1 KB", None, None),
]
for way in ("encode", "decode"):
    GOALS["json"] += [
        (f"JSON {way} 1 KB", "orjson", "<= 1.2"), (f"JSON {way} 1 KB", "Foundation", ">= 5"),
        (f"JSON {way} 1 KB", "Python json", ">= 1"), (f"JSON {way} 1 KB", "Node", ">= 1"),
    ]
for kind in ("nesting", "unclosed nesting", "names", "names in escapes", "escapes", "digits"):
    GOALS["json"].append((f"JSON {kind}, 10 MB, per byte", f"JSON {kind}, 5 MB, per byte", "<= 1.5"))
GOALS["receiver"] += [("verify, decode and deduplicate 1 KB", peer, ">= 1") for peer in ("Python", "Node")]
GOALS["engine"] += [("publish 1 KB to 5 webhooks, per delivery", None, None), ("claim, sign, send and settle 1 KB", None, None)]
for what in ("a complete delivery", "publish, claim and settle"):
    for size in (10_000, 100_000, 1_000_000):
        GOALS["scheduler"].append((f"{what}, {size} pending", f"{what}, 1000 pending", "<= 1.20"))
GOALS["scheduler"] += [
    ("resident bytes per pending delivery", None, None),
    ("first request after publishing, p99, beside 100 000 that hang", "first request after publishing, p99, alone", "<= 2"),
]
# The areas that are measured in other languages as well.
PEER_AREAS = {"signing", "json", "receiver"}


def lines(command):
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def openssl():
    for name, size in SIZES.items():
        result = subprocess.run(
            ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", str(size), "-hmac", "sha256"],
            capture_output=True, text=True, check=True)
        # +F:9:hmac(sha256):BYTES PER SECOND
        speed = float(next(line for line in result.stdout.splitlines() if line.startswith("+F:")).split(":")[-1])
        for what in ("sign", "verify", "sign, timestamped", "verify, timestamped"):
            yield {"row": f"{what} {name}", "who": "openssl speed", "ns": size / speed * 1e9}


figures = collections.defaultdict(list)
statistic = {}
with tempfile.TemporaryDirectory() as inputs:
    timed = [area for area in AREAS if area != "constant-time"]
    for number in range(ROUNDS if timed else 0):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
        # Requests are signed again: the peers accept no request that is older than five minutes.
        subprocess.run([PROGRAM, "--inputs", inputs], check=True)
        programs = timed + ["memory"] if "scheduler" in timed else timed
        rounds = [lines([PROGRAM, area]) for area in programs]
        if shared := [area for area in timed if area in PEER_AREAS]:
            rounds.append(lines([sys.executable, PEERS / "peers.py", inputs, *shared]))
            rounds.append(lines(["node", PEERS / "peers.mjs", inputs, *shared]))
        if "signing" in timed:
            rounds.append(list(openssl()))
        for figure in (figure for part in rounds for figure in part):
            figures[figure["row"], figure["who"]].append(figure["ns"])
    if "constant-time" in AREAS:
        print("constant time: two million measurements, twice", file=sys.stderr, flush=True)
        for figure in lines([PROGRAM, "constant-time"]):
            statistic[figure["row"]] = figure

ours = {row: statistics.median(values) for (row, who), values in figures.items() if who == "ours"}


def text(nanoseconds, row):
    if nanoseconds is None:
        return ""
    if "bytes" in row:
        return f"{nanoseconds:.0f} B"
    if nanoseconds < 10:
        return f"{nanoseconds:.2f} ns"
    return f"{nanoseconds:.0f} ns" if nanoseconds < 10_000 else f"{nanoseconds / 1000:.1f} µs"


records = []
print(f"{'':62} {'ours':>10}   {'peer':44} {'':>10} {'ratio':>7}   goal")
for area in timed:
    for row, peer, goal in GOALS[area]:
        if row not in ours:
            continue
        theirs = statistics.median(figures[row, peer]) if (row, peer) in figures else ours.get(peer)
        ratio = met = None
        if theirs is not None:
            is_minimum = goal is not None and goal.startswith(">=")
            ratio = theirs / ours[row] if is_minimum else ours[row] / theirs
            bound = float(goal.split()[1]) if goal else None
            met = None if goal is None else (ratio >= bound if is_minimum else ratio <= bound)
        verdict = "" if goal is None else f"{goal} {'met' if met else 'NOT MET'}"
        print(f"{row:62} {text(ours[row], row):>10}   {peer or '':44} {text(theirs, row):>10} "
              f"{'' if ratio is None else format(ratio, '.2f'):>7}   {verdict}")
        records.append({"row": row, "ours_ns": ours[row], "peer": peer, "peer_ns": theirs, "ratio": ratio, "goal": goal, "met": met})
for row, figure in statistic.items():
    is_control = "control" in row
    met = (abs(figure["t"]) >= 4.5) if is_control else (abs(figure["t"]) < 4.5)
    goal = "|t| >= 4.5" if is_control else "|t| < 4.5"
    print(f"{row}: t = {figure['t']:.2f} over {figure['count']} measurements, {goal} {'met' if met else 'NOT MET'}")
    records.append({"row": row, "t": figure["t"], "count": figure["count"], "goal": goal, "met": met})
OUTPUT.write_text(json.dumps(records, indent=2) + "\n")
print(f"as JSON: {OUTPUT}")
