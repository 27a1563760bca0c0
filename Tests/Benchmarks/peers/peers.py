"""Python's figures: hmac, json, orjson, and standardwebhooks with json and a set. One JSON object per line.

    python peers.py INPUTS AREA…
"""
import hashlib
import hmac
import json
import pathlib
import statistics
import sys
import time
import timeit

import orjson
from standardwebhooks.webhooks import Webhook

inputs, areas = pathlib.Path(sys.argv[1]), sys.argv[2:]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def report(row, who, nanoseconds):
    print(json.dumps({"row": row, "who": who, "ns": nanoseconds}), flush=True)


def measure(row, who, operation):
    timer = timeit.Timer(operation)
    count, _ = timer.autorange()
    count = max(1, count // 20)
    report(row, who, statistics.median(timer.timeit(count) / count * 1e9 for _ in range(9)))


if "signing" in areas:
    key = SECRET.encode()
    for name, size in [("256 B", 256), ("1 KB", 1024), ("16 KB", 16_384), ("1 MB", 1_048_576)]:
        body = bytes(i * 31 % 96 + 32 for i in range(size))
        header = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        measure(f"sign {name}", "Python", lambda: "sha256=" + hmac.digest(key, body, "sha256").hex())
        measure(f"verify {name}", "Python",
                lambda: hmac.compare_digest("sha256=" + hmac.digest(key, body, "sha256").hex(), header))

if "json" in areas:
    document = (inputs / "sample.json").read_bytes()
    value = json.loads(document)
    measure("JSON encode 1 KB", "orjson", lambda: orjson.dumps(value))
    measure("JSON decode 1 KB", "orjson", lambda: orjson.loads(document))
    measure("JSON encode 1 KB", "Python json", lambda: json.dumps(value, separators=(",", ":")).encode())
    measure("JSON decode 1 KB", "Python json", lambda: json.loads(document))

if "receiver" in areas:
    requests = []
    for line in (inputs / "requests.tsv").read_bytes().splitlines():
        id, timestamp, signature, body = line.split(b"\t", 3)
        requests.append((body, {"webhook-id": id.decode(), "webhook-timestamp": timestamp.decode(),
                                "webhook-signature": signature.decode()}))
    times = []
    for _ in range(5):
        webhook, seen, handled = Webhook(SECRET), set(), 0
        start = time.perf_counter()
        for body, headers in requests:
            event = webhook.verify(body, headers)
            if event["id"] not in seen:
                seen.add(event["id"])
                handled += 1
        times.append((time.perf_counter() - start) / len(requests) * 1e9)
        assert handled == len(requests)
    report("verify, decode and deduplicate 1 KB", "Python", statistics.median(times))
