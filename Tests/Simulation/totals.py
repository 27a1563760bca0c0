"""Adds up the totals of the seeds; exits with 1 when an expected kind of event never occurred."""
import os
import sys
from collections import Counter

totals, sometimes = [0] * 5, Counter()
for line in sys.stdin:
    kind, *fields = line.rstrip("\n").split("\t")
    if kind == "totals":
        totals = [one + int(other) for one, other in zip(totals, fields)]
    elif kind == "sometimes":
        sometimes[fields[1]] += int(fields[0])

seeds, steps, requests, deliveries, faults = totals
for name, count in sorted(sometimes.items()):
    print(f"{count:>12}  {name}")
print(f"{seeds} seeds, 0 violations: {deliveries} deliveries, {requests} requests, {faults} faults, {steps} steps, "
      f"{os.environ['SECONDS_USED']} s")
if seeds != int(os.environ["SEEDS"]):
    sys.exit(f"FAILED: only {seeds} of {os.environ['SEEDS']} seeds completed")

# The kinds of events that a set of runs must contain; otherwise the simulator does not test enough.
expected = """
clocks set|graceful stops|cancelled runs|deliveries claimed after an expired lease|reports rejected by a fencing token
reports repeated after a lost reply|repeated publishes|conflicting events rejected|deliveries rejected as poison
deliveries released unsent|deliveries discarded|deliveries that others wait for|daily quotas exhausted|webhooks deleted
webhooks reread before a request|requests signed during or after a rotation|requests repeated after a fault
waits extended by Retry-After|unreachable names: dns_failure|unreachable names: blocked_address|responses after the deadline|skipped: backlogFull|skipped: disabled|health: failed|health: gone
health: recovered|replays|redeliveries of replays|events handled by consumers|events handled again after a fault|consumers respond with 200|consumers respond with 409
consumers respond with 500|consumers respond with 503|fault: store down|fault: freeze|fault: poison
""".replace("\n", "|").strip("|").split("|")
edges = [f"fault: {site}: {edge}" for site in ["publish", "claim", "settle", "release", "recheck", "send", "administer", "remember", "handle"]
         for edge in ["crashBefore", "crashAfter", "errorBefore", "errorAfter", "slowReply"]]
missing = [name for name in expected + edges if not sometimes[name]]
if missing and seeds >= 1000:
    sys.exit("FAILED: never occurred: " + ", ".join(missing))
