"""Kills workers and servers at random moments under load, and checks that nothing is lost.

    python crash.py WORKER sqlite|postgres ROUNDS SEED

After every round the store's ledger is held against the receiver's own log and the publisher's journal. At the end everything
is delivered, and every acknowledged event must have arrived, byte for byte. Exits with 1 if anything is wrong.
"""
import collections
import hashlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import servers

WORKER, STORE, ROUNDS, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
IN_FLIGHT, RATE = 64, 400
HERE = pathlib.Path(__file__).resolve().parent
chance = random.Random(SEED)


def fail(text):
    print(f"FAILED: {text} (seed {SEED})")
    sys.exit(1)


class Log:
    """What the receiver has seen: read on from where it was read last."""

    def __init__(self, path):
        self.file = open(path)
        self.attempts = collections.Counter()
        self.arrived = {}
        self.bodies = collections.defaultdict(set)
        self.requests = 0

    def read(self):
        for line in self.file:
            status, delivery, attempt, body, event = line.rstrip("\n").split("\t")
            self.requests += 1
            self.attempts[delivery, attempt] += 1
            self.bodies[event].add(body)
            if status == "200":
                self.arrived[delivery] = event


class Journal:
    """What the publisher was told is safe."""

    def __init__(self, path):
        path.touch()
        self.file = open(path, "rb")
        self.events = {}
        self.deliveries = 0

    def read(self):
        while line := self.file.readline():
            # A line that the kill cut short was not acknowledged to anybody.
            if not line.endswith(b"\n"):
                self.file.seek(-len(line), 1)
                return
            count, body = line.rstrip(b"\n").split(b"\t", 1)
            self.events[json.loads(body)["id"]] = (int(count), hashlib.sha256(body).hexdigest())
            self.deliveries += int(count)


def ledger(store):
    return json.loads(subprocess.run([WORKER, "ledger", store], capture_output=True, text=True, check=True).stdout)


def check(count, journal, log):
    journal.read()
    log.read()
    sum_of_all = sum(count[name] for name in ("open", "succeeded", "failed", "cancelled", "rejected"))
    if count["accepted"] != sum_of_all:
        fail(f"the ledger is not balanced: {count}")
    if count["accepted"] < journal.deliveries:
        fail(f"{journal.deliveries} deliveries were acknowledged, and {count['accepted']} are there")
    if count["succeeded"] > len(log.arrived):
        fail(f"{count['succeeded']} deliveries count as delivered, and {len(log.arrived)} arrived")
    if count["failed"] or count["cancelled"] or count["rejected"]:
        fail(f"deliveries were given up: {count}")


def main(folder):
    pair = servers.Pair(folder) if STORE == "postgres" else None
    store = f"postgres:{pair.connection}" if pair else f"sqlite:{folder / 'webhooks.sqlite'}"
    receiver = subprocess.Popen(
        [sys.executable, HERE / "receiver.py", folder / "log", "5"], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{receiver.stdout.readline().strip()}"
    log, journal = Log(folder / "log"), Journal(folder / "journal")
    faults = collections.Counter()
    try:
        for number in range(1, ROUNDS + 1):
            command = [WORKER, "deliver", store, url, "--rate", str(RATE), "--prefix", f"r{number}",
                       "--journal", folder / "journal"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
                if worker.stdout.readline() != "ready\n":
                    fail(f"round {number}: the worker did not start: {worker.stderr.read()}")
                time.sleep(chance.uniform(0, 1.2))
                if pair and number % 5 == 0:
                    fault = ["postmaster killed", "stopped at once", "failed over"][number // 5 % 3]
                    faults[fault] += 1
                    if fault == "failed over":
                        pair.fail_over()
                    elif fault == "postmaster killed":
                        pair.primary.kill()
                        pair.primary.restart_after_kill()
                    else:
                        pair.primary.stop("immediate")
                        pair.primary.start()
                    time.sleep(chance.uniform(0.2, 1.2))
                if worker.poll() is not None:
                    fail(f"round {number}: the worker ended by itself: {worker.stderr.read()}")
                worker.kill()
                faults["worker killed"] += 1
            check(ledger(store), journal, log)
            print(f"round {number}: {len(journal.events)} events acknowledged, {len(log.arrived)} deliveries arrived",
                  file=sys.stderr, flush=True)
        subprocess.run([WORKER, "deliver", store, url], check=True, capture_output=True, timeout=600)
        count = ledger(store)
        check(count, journal, log)
    finally:
        receiver.kill()
        if pair:
            pair.stop()

    arrived = collections.Counter(log.arrived.values())
    lost = [event for event, (deliveries, _) in journal.events.items() if arrived[event] < deliveries]
    if lost:
        fail(f"{len(lost)} acknowledged events did not arrive: {lost[:5]}")
    changed = [event for event, (_, body) in journal.events.items() if arrived[event] and log.bodies[event] != {body}]
    if changed:
        fail(f"{len(changed)} events arrived with other bytes: {changed[:5]}")
    if count["open"] or count["succeeded"] != len(log.arrived):
        fail(f"the ledger does not say what arrived: {count}, {len(log.arrived)} arrived")
    repeated = log.requests - len(log.attempts)
    allowed = IN_FLIGHT * sum(faults.values())
    if repeated > allowed:
        fail(f"{repeated} requests were repeated, and at most {allowed} could have been")
    print(f"{STORE}: {ROUNDS} rounds, {', '.join(f'{count} x {what}' for what, count in faults.items())}: 0 lost of "
          f"{len(journal.events)} acknowledged events; {len(log.arrived)} deliveries, {log.requests} requests, "
          f"{repeated} repeated (at most {IN_FLIGHT} for each kill: {allowed}), every body as published")


with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder).chmod(0o755)
    main(pathlib.Path(folder))
