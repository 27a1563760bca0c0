"""Plants known bugs, one after the other, and runs the simulator: it must find each within 1000 seeds.

The bugs are changes of the real source, made in a copy. If the text to change no longer exists, the script fails: the list must
follow the source.
"""
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".build-mutants" / "source"
SEEDS = 1000

DELIVERY, KIT, TESTING = "Sources/WebhookDelivery", "Sources/WebhookStoreKit", "Sources/WebhookTesting"
RELEASE = f"{DELIVERY}/Delivery/Delivery+Release.swift"
CLAIM, SETTLE = f"{DELIVERY}/Delivery/Delivery+Claim.swift", f"{DELIVERY}/Delivery/Delivery+Settle.swift"
DISPATCHER, ATTEMPT = f"{DELIVERY}/Dispatcher/Dispatcher.swift", f"{DELIVERY}/Dispatcher/Dispatcher+Attempt.swift"
REPORTS = f"{DELIVERY}/Dispatcher/Dispatcher+Reports.swift"
LANE, SCHEDULER = f"{KIT}/Scheduling/Lane.swift", f"{KIT}/Scheduling/FairScheduler.swift"
DECISION, ROTATION = "Sources/WebhookRetries/RetryPolicy+Decision.swift", "Sources/WebhookSigning/Secrets/SecretRotation.swift"
HANDLING = "Sources/WebhookReceiving/Handling/WebhookReceiver+Handling.swift"
RECOVERY = f"{TESTING}/Store/InMemoryStore+Replay.swift"
STORE = f"{TESTING}/Store/InMemoryStore.swift"

# name: (file, the original text, the text with the bug, and the import that it needs)
MUTANTS = {
    "no fencing": (SETTLE, "guard state.token == settlement.lease.token, isHeld else {", "guard isHeld else {"),
    "a final state is overwritten": (SETTLE, "guard state.token == settlement.lease.token, isHeld else {",
                                     "guard state.token == settlement.lease.token, isHeld || !isHeld else {"),
    "the report is committed before the request is sent": (
        ATTEMPT, "        let result = await sender.send(current)\n",
        """        let early = Attempt(
            number: current.attemptNumber, startedAt: clock.now, duration: .zero, statusCode: 200, errorType: nil)
        inbox.attemptFinished(
            Settlement(lease: current.lease, attempt: early, outcome: .success, decision: .succeed), slot)
        let result = await sender.send(current)
        guard case .ended(let settlement) = result, settlement.attempt.number < 0 else { return }
""", "internal import WebhookRetries\n"),
    "the answer to a failed attempt is not kept": (
        f"{DELIVERY}/Dispatcher/AttemptExchange.swift", "outcome.isSuccess && !isTest ? successes : failures", "successes"),
    "a response's body is lost in the store": (
        f"{TESTING}/Store/InMemoryStore+Claims.swift", "stored.attempts.append(settlement.attempt)",
        "stored.attempts.append(settlement.attempt.withResponseBody(nil))"),
    "the lease counts from the reply": (DISPATCHER, "attempt(claimed, slot, claimedAt: requestedAt)",
                                        "attempt(claimed, slot, claimedAt: clock.uptime)"),
    "the trust window is not looked at": (f"{DELIVERY}/Dispatcher/Dispatcher+Configuration.swift",
                                          "rules.leaseMargin - storeCallTimeout - Self.clockAllowance", "rules.leaseMargin * 100"),
    "a timeout counts as a success": (
        f"{DELIVERY}/Dispatcher/AttemptSender.swift", "            return (.failure(error.failure), exchange)\n        } catch is",
        "            return (error.failure == .responseTimeout ? .response(status: 200, retryAfter: nil) : .failure(error.failure), exchange)\n        } catch is"),
    "the daily quota allows one delivery too many": ("Sources/WebhookLimits/DailyQuota.swift", "guard used < limit else", "guard used <= limit else"),
    "a clock that steps back refills the quota": ("Sources/WebhookLimits/DailyQuota.swift", "if today > day {", "if today != day {"),
    "the quota is charged outside the claim": (CLAIM, "state.isCharged = true", "webhook.quota = DailyQuota()"),
    "jitter shortens": (DECISION, "let lengthened = nominal + nominal", "let lengthened = nominal - nominal"),
    "Retry-After holds back its own delivery only": (
        f"{DELIVERY}/Webhook/Webhook+Gate.swift", "[breakEnd, backOffEnd(now: now, rules.health)]", "[breakEnd]"),
    "Retry-After holds a webhook back for as long as it says": (
        f"{DELIVERY}/Webhook/Webhook+Health.swift", "now + min(wait, longest)", "now + min(wait, .seconds(100_000))"),
    "Retry-After has no cap": (DECISION, "min(asked, retryAfterCap)", "asked"),
    "Retry-After shortens": (DECISION, "return .retry(after: max(lengthened, min(asked, retryAfterCap)))",
                             "return .retry(after: min(lengthened, min(asked, retryAfterCap)))"),
    "the last webhook gets no delivery": (STORE, "event.entries = state.webhooksByAccount[publication.accountID, default: []].map",
                                          "event.entries = state.webhooksByAccount[publication.accountID, default: []].prefix(2).map"),
    "a repeated publish delivers again": (STORE, "if let stored = state.events[key] {", "if let stored = state.events[key], now.microseconds < 0 {"),
    "an event is overwritten by another": (STORE, "guard stored.body == envelope.bytes else { throw DeliveryError.eventConflict }", ""),
    "a stopped webhook is not read again": (ATTEMPT, "registered.webhook.status == .active, ", ""),
    "a moved webhook is not read again": (ATTEMPT, "return claimed.with(registered)", "return registered.id == claimed.webhook.id ? claimed : nil"),
    "an old secret goes on signing": (ROTATION, "        previousSecrets.removeAll { $0.at <= now }\n", ""),
    "a revoked secret goes on signing": (ROTATION, "        previousSecrets = []\n", ""),
    "a release counts as an attempt": (RELEASE, "        if state.attempts == 0 { state.firstAttemptAt = nil }\n", "        state.attempts += 1\n"),
    "a poison delivery is claimed for ever": (CLAIM, "if state.expiredLeases > Delivery.State.maximumExpiredLeases {", "if state.expiredLeases > 1_000_000 {"),
    "a webhook's cap is ignored": (LANE, "guard leases.count < room else { return .nothing }", ""),
    "an account's cap is ignored": (SCHEDULER, "leased[account] >= rules.maximumInFlightPerAccount", "leased[account] < 0"),
    "retries take every place": (f"{DELIVERY}/Dispatcher/DispatcherState.swift", "retries: max(0, min(count, retries))", "retries: retries < 0 ? count : count"),
    "bytes in flight are not counted": (f"{DELIVERY}/Ports/ClaimRequest+AccountShares.swift", "used.bytes += bytes", ""),
    "an account takes more than its share of a worker": (
        f"{DELIVERY}/Ports/ClaimRequest+Allowance.swift", "count > 0 && shares.allows(for: account)", "count > 0"),
    "slow endpoints take more than their part": (
        f"{DELIVERY}/Ports/ClaimRequest+Allowance.swift", "case .slow: untried.isOpen && slow.isOpen", "case .slow: untried.isOpen"),
    "a slow endpoint is forgotten at once": (f"{DELIVERY}/Webhook/Webhook+EndpointPace.swift", "max(now + memory, isSlow ? slowUntil ?? now : now)", "now"),
    "what a claim had no place for is forgotten": (SCHEDULER, "        for number in heldBack { look(at: number) }\n", ""),
    "a fault of the sender's own costs an attempt": (
        f"{DELIVERY}/Dispatcher/AttemptSender.swift", "guard let failure, failure.isSenderFault,", "guard let failure, failure == .cancelled,"),
    "a delivery is given up after five faults of the sender's own": (
        RELEASE, "state.move(to: .pending, .senderFault, at:", "state.move(to: state.senderFaults > 5 ? .failed : .pending, .senderFault, at:"),
    "after a fault of the sender's own nothing waits": (RELEASE, "at: now + min(wait, Delivery.State.maximumSenderFaultDelay))", "at: now + min(wait, .zero))"),
    "reports of an account that is held are dropped": (
        f"{DELIVERY}/Dispatcher/DeferredReports.swift", "accounts[account]?.hasFailed = false", "_ = account"),
    "a report that is refused once is given up": (
        f"{DELIVERY}/Dispatcher/UnstorableReports.swift",
        "count.refusals >= Self.allowance && count.whileWell >= Self.allowanceWhileWell", "count.refusals >= 1"),
    "order is not kept": (LANE, "guard chains[key] == nil else {", "guard chains[key] == nil || open > 0 else {"),
    "a delivery that waits for its order waits for ever": (LANE, "        wait(next)\n", ""),
    "a lease that ends is not noticed": (SCHEDULER, "if let end = lanes[number].firstLeaseEnd { setAlarm(number, end) }", ""),
    "reports are dropped when the store fails": (
        REPORTS, "            for (settlement, result) in zip(settlements, results) { report(settlement.lease, result) }\n        } catch {\n",
        "            for (settlement, result) in zip(settlements, results) { report(settlement.lease, result) }\n        } catch {\n            state.settled(settlements.count)\n"),
    "a cancelled worker goes on sending": (ATTEMPT, "        guard !Task.isCancelled else { return }\n        observation", "        observation"),
    "the backlog has no bound": (f"{DELIVERY}/Publishing/EventPublication.swift", "limits.checkBacklog(open: open)", "limits.checkBacklog(open: min(open, 0))"),
    "a disabled webhook gets deliveries": (f"{DELIVERY}/Publishing/EventPublication.swift", "isDisabled: webhook.status == .disabled", "isDisabled: webhook.status == .failed"),
    "a failure counts twice": (f"{DELIVERY}/Webhook/Webhook+Health.swift", "if settlement.decision.isFinal { finishedDeliveries.countUp() }",
                               "if settlement.decision.isFinal { finishedDeliveries += 2 }"),
    "a rate is not kept": (f"{DELIVERY}/Webhook/Webhook+Gate.swift", "if now < opensAt, opensAt <= now + .seconds(2) {", "if now < opensAt, opensAt < now {"),
    "a break is not kept": (f"{DELIVERY}/Webhook/Webhook+Gate.swift", "health.breaker.pausedUntil.flatMap { now < $0", "health.breaker.pausedUntil.flatMap { now > $0"),
    "410 disables nothing": (f"{DELIVERY}/Webhook/Webhook+Health.swift", "            move(to: .disabled, .gone, now: now)\n            return .gone\n", "            return nil\n"),
    "no failure stops a webhook": (f"{DELIVERY}/Webhook/Webhook+Health.swift", "            move(to: .failed, .failures, now: now)\n            return .failed\n", "            return nil\n"),
    "an endpoint steers although the webhook does not allow it": (
        f"{DELIVERY}/Dispatcher/AttemptSender.swift", "claimed.webhook.allowsSteering ?", "true ?"),
    "an endpoint cannot stop its webhook": (SETTLE, "guard settlement.stopsWebhook, webhook.status", "guard settlement.stopsWebhook, false, webhook.status"),
    "a delivery that its endpoint ended is retried": (
        f"{DELIVERY}/Dispatcher/Steering.swift", "if case .retry = decision { .giveUp(.aborted) } else { decision }", "decision"),
    "an expired webhook gets deliveries": (
        f"{DELIVERY}/Webhook/Webhook+Gate.swift", "guard status == .active, !hasExpired(now: now) else", "guard status == .active else"),
    "a webhook gets traces that it does not ask for": (
        f"{DELIVERY}/Dispatcher/SignedRequest.swift", "if webhook.sendsTraceContext, let trace {", "if let trace {"),
    "a reread webhook loses the trace": (ATTEMPT, "            trace: trace)", "            trace: nil)"),
    "an expired webhook gets events": (
        f"{DELIVERY}/Publishing/EventPublication.swift", "if let expiresAt = webhook.expiresAt, expiresAt <= now {",
        "if let expiresAt = webhook.expiresAt, expiresAt <= now, now.microseconds < 0 {"),
    "the attempt after the last is made": (DECISION, "guard attempt >= 1, attempt <= schedule.count else { return .giveUp(.exhausted) }\n        let nominal = schedule[attempt - 1]",
                                           "guard attempt >= 1, attempt <= schedule.count + 1 else { return .giveUp(.exhausted) }\n        let nominal = schedule[min(attempt, schedule.count) - 1]"),
    "a consumer remembers an event before it handles it": (
        HANDLING, "        let isOutdated = try await routes.run(",
        """        try await deduplication.commit(context.claim, keepUntil: context.keepUntil)
        let isOutdated = try await routes.run("""),
    "a consumer handles an event without a claim": (HANDLING, "case .duplicate: return WebhookReply(200, .duplicate)",
                                                    "case .duplicate: claim = DeduplicationClaim(key: key, token: 0)"),
    "a consumer acknowledges an event whose handler failed": (
        HANDLING, 'return WebhookReply(500, .failed("The handler failed."))', "return WebhookReply(200, .accepted)"),
    "a consumer answers before it has handled the event": (
        HANDLING, "guard let background else { return await handle(event.event, context) }",
        "guard let background else { return WebhookReply(200, .accepted) }"),
    "a replay sends succeeded deliveries again": (RECOVERY, " && !hasArrived(stored)", ""),
    "a replay continues after its webhook was deleted": (RECOVERY, "guard webhooks[replay.filter.webhookID] != nil else {",
                                                    "guard webhooks[replay.filter.webhookID] != nil || now.microseconds > 0 else {"),
    "an attempt runs outside its worker": (
        DISPATCHER, "group.addTask { await attempt(claimed, slot, claimedAt: requestedAt) }",
        "Task.detached { await attempt(claimed, slot, claimedAt: requestedAt) }"),
    "an observer is notified of an attempt from outside its worker": (
        ATTEMPT, "        observation.report(.attemptStarted(current.delivery, trace: current.trace))\n",
        "        Task.detached { [observation] in observation.report(.attemptStarted(current.delivery, trace: current.trace)) }\n"),
}

# Bugs that must harm an account beside a hundred accounts whose endpoints hang, in simulated time.
NEIGHBOURS = {
    "endpoints that are not known yet take the whole worker": (
        f"{DELIVERY}/Ports/ClaimRequest+Allowance.swift", "case .untried: untried.isOpen", "case .untried: true"),
    "slow endpoints take the whole worker": (
        f"{DELIVERY}/Ports/ClaimRequest+Allowance.swift", "case .slow: untried.isOpen && slow.isOpen", "case .slow: true"),
}


# One of each kind, for every run of the tests.
QUICK = [
    "no fencing", "the daily quota allows one delivery too many", "jitter shortens", "a repeated publish delivers again",
    "an old secret goes on signing", "order is not kept", "retries take every place", "410 disables nothing",
    "a replay sends succeeded deliveries again", "a consumer handles an event without a claim",
]


def sync():
    """Copies the sources; unchanged files keep their times, so that builds are incremental."""
    before = {path for path in (COPY / "Sources").rglob("*.swift")}
    for folder in ["Sources", "Tests/Simulation/Sources"]:
        kept = set()
        for source in (ROOT / folder).rglob("*"):
            if source.is_file():
                target = COPY / source.relative_to(ROOT)
                kept.add(target)
                write(target, source.read_text())
        for stale in [path for path in (COPY / folder).rglob("*") if path.is_file() and path not in kept]:
            stale.unlink()
    for name in ["Package.swift", "Tests/Simulation/Package.swift"]:
        text = (ROOT / name).read_text()
        # The copy has no tests.
        write(COPY / name, re.sub(r"(?s)        \.target\(\s*name: \"TestSupport\".*?\n    \],\n    swiftLanguageModes", "    ],\n    swiftLanguageModes", text))
    # The build does not detect added or removed files of a dependency.
    if before != {path for path in (COPY / "Sources").rglob("*.swift")}:
        shutil.rmtree(COPY / "Tests/Simulation/.build", ignore_errors=True)


def write(path, text):
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build():
    command = ["swift", "build", "--package-path", str(COPY / "Tests/Simulation")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"FAILED: the mutant does not build\n{done.stdout[-3000:]}{done.stderr[-2000:]}")


SIMULATE = COPY / "Tests/Simulation/.build/debug/Simulate"


def look(name=None):
    """Returns the seed that finds the bug, and its violation; None when no seed finds it."""
    arguments = ["neighbours", "100", "hanging"] if name in NEIGHBOURS else ["1", str(SEEDS), "first"]
    try:
        done = subprocess.run([SIMULATE, *arguments], capture_output=True, text=True, timeout=300,
                              env={"SWIFT_BACKTRACE": "enable=no"})
    except subprocess.TimeoutExpired:
        return "a run that does not terminate"
    if done.returncode == 0:
        return None
    lines = done.stdout.splitlines()
    last = lines[-1] if name in NEIGHBOURS and lines else f"a crash: {done.stderr[-200:]}"
    return next((line for line in lines if line.startswith("seed ")), last)


def run_seeds(count):
    """Runs seeds of the unchanged source on two cores, and prints the first violation."""
    half = count // 2
    halves = [subprocess.Popen([SIMULATE, str(first), str(half), "first"], stdout=subprocess.PIPE, text=True,
                               env={"SWIFT_BACKTRACE": "enable=no"}) for first in (1, half + 1)]
    for process in halves:
        output = process.communicate(timeout=900)[0]
        if process.returncode:
            sys.exit(output + "FAILED: the unchanged source violates a guarantee")
    print(f"{count} seeds, 0 violations", flush=True)


def texts(planted):
    """Exits unless each text to change is in the source. It takes no build, so that the usual checks can ask."""
    lost = [f"“{name}” is no longer in {file}" for name, (file, old, *_) in planted.items()
            if not (ROOT / file).exists() or old not in (ROOT / file).read_text()]
    if lost:
        sys.exit("FAILED: the texts to change for these planted bugs are gone:\n" + "\n".join(lost))


def main():
    planted = MUTANTS | NEIGHBOURS
    texts(planted)
    if sys.argv[1:] == ["--texts"]:
        return
    is_quick = sys.argv[1:] == ["--quick"]
    wanted = QUICK if is_quick else sys.argv[1:] or planted
    sync()
    build()
    if is_quick:
        run_seeds(1000)
    elif look() is not None or look(next(iter(NEIGHBOURS))) is not None:
        sys.exit("FAILED: the unchanged source violates a guarantee; run the seeds first")
    missed = []
    for name in wanted:
        file, old, new, *imports = planted[name]
        original = (COPY / file).read_text()
        begin = time.monotonic()
        (COPY / file).write_text("".join(imports) + original.replace(old, new, 1))
        build()
        found = look(name)
        (COPY / file).write_text(original)
        print(f"{'MISSED' if found is None else 'found '}  {name}: {found} ({time.monotonic() - begin:.0f} s)", flush=True)
        if found is None:
            missed.append(name)
    if missed:
        sys.exit(f"FAILED: {len(missed)} of {len(wanted)} planted bugs were not found")
    print(f"all {len(wanted)} planted bugs were found, within {SEEDS} seeds or by the account that they harm")


main()
