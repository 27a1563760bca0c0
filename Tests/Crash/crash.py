"""Kills workers and servers at random moments under load, and checks that nothing is lost.

    python crash.py WORKER sqlite|postgres ROUNDS SEED

After every round the store's delivery counts are compared with the receiver's log and the publisher's journal. At the end
everything is delivered, and every acknowledged event must have arrived, byte for byte. Exits with 1 if anything is wrong.
"""
import collections
import pathlib
import random
import sys
import tempfile
import time

import servers
from evidence import Broken, Evidence

WORKER, STORE, ROUNDS, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
RATE = 400
chance = random.Random(SEED)


def fault_of(pair, number):
    """Breaks the server in this round's way; returns how."""
    name = ["postmaster killed", "stopped at once", "failed over"][number // 5 % 3]
    if name == "failed over":
        pair.fail_over()
    elif name == "postmaster killed":
        pair.primary.kill()
        pair.primary.restart_after_kill()
    else:
        pair.primary.stop("immediate")
        pair.primary.start()
    return name


def main(folder):
    pair = servers.Pair(folder) if STORE == "postgres" else None
    evidence = Evidence(WORKER, f"postgres:{pair.connection}" if pair else f"sqlite:{folder / 'webhooks.sqlite'}", folder)
    faults = collections.Counter()
    try:
        for number in range(1, ROUNDS + 1):
            worker = evidence.deliver("--rate", RATE, "--prefix", f"r{number}")
            time.sleep(chance.uniform(0, 1.2))
            if pair and number % 5 == 0:
                faults[fault_of(pair, number)] += 1
                time.sleep(chance.uniform(0.2, 1.2))
            evidence.kill(worker)
            faults["worker killed"] += 1
            evidence.check()
            print(f"round {number}: {len(evidence.journal.events)} events acknowledged, "
                  f"{len(evidence.log.arrived)} deliveries arrived", file=sys.stderr, flush=True)
        result = evidence.finish(sum(faults.values()))
    except Broken as broken:
        print(f"FAILED: {broken} (seed {SEED})")
        sys.exit(1)
    finally:
        evidence.close()
        if pair:
            pair.stop()
    print(f"{STORE}: {ROUNDS} rounds, {', '.join(f'{count} x {what}' for what, count in faults.items())}: {result}")


with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder).chmod(0o755)
    main(pathlib.Path(folder))
