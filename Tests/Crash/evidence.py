"""The evidence from three sides: the receiver's log, the publisher's journal, and the store's delivery counts."""
import collections
import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# The most requests that a worker has in flight: a fault can make it repeat these.
IN_FLIGHT = 64


class Broken(Exception):
    """A guarantee was violated."""


class Log:
    """The receiver's log, read incrementally."""

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
    """The events that were acknowledged to the publisher."""

    def __init__(self, path):
        path.touch()
        self.file = open(path, "rb")
        self.events = {}
        self.deliveries = 0

    def read(self):
        while line := self.file.readline():
            # An incomplete line at the kill was not acknowledged.
            if not line.endswith(b"\n"):
                self.file.seek(-len(line), 1)
                return
            count, body = line.rstrip(b"\n").split(b"\t", 1)
            self.events[json.loads(body)["id"]] = (int(count), hashlib.sha256(body).hexdigest())
            self.deliveries += int(count)


class Evidence:
    """A receiver with its log, and a journal, for one store."""

    def __init__(self, worker, store, folder, failing=5, delay=0):
        self.worker, self.store, self.workers = worker, store, []
        self.receiver = subprocess.Popen(
            [sys.executable, HERE / "receiver.py", folder / "log", str(failing), str(delay)], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.receiver.stdout.readline().strip()}"
        self.path = folder / "journal"
        self.log, self.journal = Log(folder / "log"), Journal(self.path)

    def deliver(self, *options):
        """Starts a worker and waits until it delivers."""
        command = [self.worker, "deliver", self.store, self.url, *map(str, options), "--journal", self.path]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.workers.append(worker)
        if worker.stdout.readline() != "ready\n":
            raise Broken(f"a worker did not start: {worker.stderr.read()}")
        return worker

    def kill(self, *workers):
        """Kills workers, which must still be running."""
        for worker in workers:
            if worker.poll() is not None:
                raise Broken(f"a worker exited unexpectedly: {worker.stderr.read()}")
            worker.kill()
            worker.wait()

    def close(self):
        for process in (*self.workers, self.receiver):
            process.kill()

    def ledger(self):
        return json.loads(subprocess.run(
            [self.worker, "ledger", self.store], capture_output=True, text=True, check=True).stdout)

    def read(self):
        self.journal.read()
        self.log.read()

    @property
    def repeated(self):
        return self.log.requests - len(self.log.attempts)

    def check(self):
        """Compares the delivery counts with the acknowledged events and the arrived deliveries."""
        count = self.ledger()
        self.read()
        sum_of_all = sum(count[name] for name in ("open", "succeeded", "failed", "cancelled", "rejected"))
        if count["accepted"] != sum_of_all:
            raise Broken(f"the delivery counts are not balanced: {count}")
        if count["accepted"] < self.journal.deliveries:
            raise Broken(f"{self.journal.deliveries} deliveries were acknowledged, but the store has {count['accepted']}")
        if count["succeeded"] > len(self.log.arrived):
            raise Broken(f"{count['succeeded']} deliveries count as succeeded, but {len(self.log.arrived)} arrived")
        if count["failed"] or count["cancelled"] or count["rejected"]:
            raise Broken(f"deliveries ended without success: {count}")
        return count

    def finish(self, faults):
        """Delivers the rest; then every acknowledged event must have arrived with its published bytes."""
        subprocess.run([self.worker, "deliver", self.store, self.url], check=True, capture_output=True, timeout=600)
        count = self.check()
        arrived = collections.Counter(self.log.arrived.values())
        lost = [event for event, (deliveries, _) in self.journal.events.items() if arrived[event] < deliveries]
        if lost:
            raise Broken(f"{len(lost)} acknowledged events did not arrive: {lost[:5]}")
        bodies = self.log.bodies
        changed = [event for event, (_, body) in self.journal.events.items() if arrived[event] and bodies[event] != {body}]
        if changed:
            raise Broken(f"{len(changed)} events arrived with different bytes: {changed[:5]}")
        if count["open"] or count["succeeded"] != len(self.log.arrived):
            raise Broken(f"the delivery counts do not match the arrivals: {count}, {len(self.log.arrived)} arrived")
        allowed = IN_FLIGHT * faults
        if self.repeated > allowed:
            raise Broken(f"{self.repeated} requests were repeated; the limit is {allowed}")
        return (f"0 lost of {len(self.journal.events)} acknowledged events; {len(self.log.arrived)} deliveries, "
                f"{self.log.requests} requests, {self.repeated} repeated (at most {allowed}), every body unchanged")
