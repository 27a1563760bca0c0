"""Faults that are not expired_leases, one after the other, each on a separate store with real processes.

    python faults.py WORKER [PART-OF-A-NAME …]

A worker that is paused past its leases, a full disk, clocks that are hours off, a server that rejects writes, a replica that is
asked first, TLS. Nothing may be lost; exits with 1 if anything is. A full disk requires root, for a separate file system.
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

import servers
from evidence import Broken, Evidence

WORKER = sys.argv[1]
# A worker's leases: the request timeout plus the margin that it is started with.
LEASE = 1 + 3.5


def publishing(evidence):
    """The number of acknowledged events."""
    evidence.journal.read()
    return len(evidence.journal.events)


def until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Broken(f"waited {seconds} s for {what}")
        time.sleep(0.1)


def until_it_stands(evidence, seconds=1.5):
    """Waits until no more events are acknowledged."""
    def stands():
        before = publishing(evidence)
        time.sleep(seconds)
        return publishing(evidence) == before
    until(stands, "publishing to stop")


def arrived(evidence):
    """The number of arrived deliveries."""
    evidence.log.read()
    return len(evidence.log.arrived)


def until_it_goes_on(evidence, count=publishing, what="publishing"):
    """Waits for more deliveries than a worker may have had in flight."""
    before = count(evidence)
    until(lambda: count(evidence) > before + 100, f"{what} to continue")


def pause(worker, evidence):
    """Stops a process outside a commit: a process that is stopped inside one keeps SQLite's lock and blocks all others."""
    for _ in range(20):
        worker.send_signal(signal.SIGSTOP)
        before = publishing(evidence)
        time.sleep(0.5)
        if publishing(evidence) > before:
            return
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.1)
    raise Broken("could not pause a worker without blocking the other one")


def paused(evidence):
    """A worker sleeps past its leases with requests in flight; another one takes over, and the first one's reports are rejected."""
    first, second = (evidence.deliver("--rate", 300, "--prefix", name) for name in ("first", "second"))
    time.sleep(1)
    # It may have had no request in flight, or none of the deliveries that it had claimed.
    for _ in range(10):
        pause(first, evidence)
        until_it_goes_on(evidence, arrived, "delivery by the other worker")
        time.sleep(LEASE + 2)
        evidence.read()
        first.send_signal(signal.SIGCONT)
        time.sleep(2)
        if evidence.repeated:
            break
    else:
        raise Broken("the paused worker's deliveries were not claimed again")
    evidence.kill(first, second)
    return evidence.finish(3)


def wrong_clocks(evidence):
    """Workers whose clocks are an hour apart share the work; leases and quotas use the server's clock."""
    workers = [evidence.deliver("--rate", 200, "--prefix", f"w{offset}", "--clock-offset", offset) for offset in (-3600, 0, 3600)]
    time.sleep(LEASE + 1)
    evidence.read()
    if evidence.repeated:
        raise Broken(f"{evidence.repeated} requests were sent twice")
    evidence.kill(*workers)
    return evidence.finish(3)


def full_disk(evidence, disk, restart=lambda: None):
    """The disk fills up under load; acknowledged events are kept, and delivery continues once there is space."""
    worker = evidence.deliver("--rate", 1200, "--prefix", "full")
    until(lambda: publishing(evidence) > 500, "publishing to begin")
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            pass
    until_it_stands(evidence)
    acknowledged = publishing(evidence)
    ballast.unlink()
    restart()
    until_it_goes_on(evidence)
    evidence.kill(worker)
    return f"stopped at {acknowledged} events; {evidence.finish(2)}"


def read_only(evidence, server):
    """The server rejects writes for a while, like a replica or a fenced primary."""
    worker = evidence.deliver("--rate", 300, "--prefix", "read_only")
    time.sleep(1)
    for value in ("on", "off"):
        server.sql(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        server.sql("SELECT pg_reload_conf()")
        if value == "on":
            until_it_stands(evidence)
    until_it_goes_on(evidence)
    evidence.kill(worker)
    return evidence.finish(2)


def refusal(connection):
    """Returns the error of a worker that cannot start."""
    done = subprocess.run([WORKER, "ledger", f"postgres:{connection}"], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    if done.returncode == 0:
        raise Broken(f"{connection} was not rejected")
    return done.stderr


def expect(text, part):
    if part not in text:
        raise Broken(f"'{part}' is missing in: {text}")


def replica_first(folder):
    """Both servers are named, the replica first; alone, it is rejected with a hint."""
    pair = servers.Pair(folder)
    try:
        pair.primary.sql("CREATE DATABASE other")
        until(lambda: pair.standby.sql("SELECT count(*) FROM pg_database WHERE datname = 'other'") == "1", "replication")
        alone = f"host={pair.standby.socket} user=postgres dbname=other"
        expect(refusal(alone), "target_session_attrs=read-write")
        both = f"host={pair.standby.socket},{pair.primary.socket} user=postgres dbname=other target_session_attrs=read-write"
        evidence = Evidence(WORKER, f"postgres:{both}", folder)
        try:
            worker = evidence.deliver("--rate", 300, "--prefix", "replica")
            time.sleep(1)
            evidence.kill(worker)
            return evidence.finish(1)
        finally:
            evidence.close()
    finally:
        pair.stop()


def tls(folder):
    """Over TCP with TLS: the server's certificate and name are checked, and every connection is encrypted."""
    server = servers.Server(folder / "server")
    server.create()
    authorities = [authority(folder / name) for name in ("ours", "another")]
    for name in ("server.key", "server.crt"):
        data = (folder / "ours" / name).read_bytes()
        path = server.data / name
        path.write_bytes(data)
        os.chmod(path, 0o600)
        os.chown(path, server.data.stat().st_uid, server.data.stat().st_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server.configure(f"listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\n")
    (server.data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
    server.start()
    tcp = f"host=localhost hostaddr=127.0.0.1 port={port} user=postgres dbname=postgres"
    try:
        expect(refusal(f"{tcp} sslmode=disable"), "no encryption")
        expect(refusal(f"{tcp} sslmode=verify-full sslrootcert={authorities[1]}"), "certificate verify failed")
        expect(refusal(f"{tcp} sslmode=verify-full sslrootcert={authorities[0]}".replace("localhost", "elsewhere")), "elsewhere")
        evidence = Evidence(WORKER, f"postgres:{tcp} sslmode=verify-full sslrootcert={authorities[0]}", folder)
        try:
            worker = evidence.deliver("--rate", 300, "--prefix", "tls")
            time.sleep(1)
            expect(server.sql("SELECT count(*) > 1 AND bool_and(s.ssl) FROM pg_stat_ssl AS s JOIN pg_stat_activity USING (pid)"
                              " WHERE application_name = 'taskflow-webhooks'", port), "t")
            evidence.kill(worker)
            return evidence.finish(1)
        finally:
            evidence.close()
    finally:
        server.stop("immediate")


def authority(folder):
    """Creates a certificate for `localhost` from a new authority; returns the authority's certificate."""
    folder.mkdir()
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    for command in (
        [*make, "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.crt"],
        [*make, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE",
         "-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.crt"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "ca.crt"


class Disk:
    """A separate small file system."""

    def __init__(self, folder, megabytes):
        self.path, self.size = folder / "disk", f"{megabytes}m"
        self.path.mkdir()

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size},mode=755", "tmpfs", self.path], check=True, capture_output=True)
        return self.path

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True)


def on_sqlite(scenario, folder, *details, place=None):
    evidence = Evidence(WORKER, f"sqlite:{(place or folder) / 'webhooks.sqlite'}", folder, delay=50)
    try:
        return scenario(evidence, *details)
    finally:
        evidence.close()


def on_postgres(scenario, folder, *details, place=None):
    server = servers.Server((place or folder) / "server")
    server.create()
    # Little space for the write-ahead log, so that a small disk is soon full.
    server.configure("max_wal_size = 64MB\nmin_wal_size = 32MB\n")
    server.start()
    evidence = Evidence(WORKER, f"postgres:host={server.socket} user=postgres dbname=postgres", folder, delay=50)
    try:
        return scenario(evidence, *(detail(server) if callable(detail) else detail for detail in details))
    finally:
        evidence.close()
        server.stop("immediate")


def full_sqlite(folder):
    # Space for the write-ahead log, which is checkpointed every 32 MB, and some more.
    with Disk(folder, 64) as disk:
        return on_sqlite(full_disk, folder, disk, place=disk)


def full_postgres(folder):
    def restart(server):
        # A server that cannot write its WAL shuts down, and starts again only when it can.
        return lambda: None if server.is_up() else server.restart_after_kill()
    with Disk(folder, 200) as disk:
        return on_postgres(full_disk, folder, disk, restart, place=disk)


SCENARIOS = {
    "SQLite, a worker paused past its leases": lambda folder: on_sqlite(paused, folder),
    "PostgreSQL, a worker paused past its leases": lambda folder: on_postgres(paused, folder),
    "PostgreSQL, workers whose clocks are hours off": lambda folder: on_postgres(wrong_clocks, folder),
    "PostgreSQL, a server that rejects writes for a while": lambda folder: on_postgres(read_only, folder, lambda server: server),
    "PostgreSQL, a replica first": replica_first,
    "PostgreSQL, TLS": tls,
    "SQLite, a full disk": full_sqlite,
    "PostgreSQL, a full disk": full_postgres,
}

failed = False
for name, scenario in SCENARIOS.items():
    if sys.argv[2:] and not any(part in name for part in sys.argv[2:]):
        continue
    if "full disk" in name and os.getuid() != 0:
        print(f"{name}: skipped, requires root, to create a file system")
        continue
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        try:
            print(f"{name}: {scenario(pathlib.Path(folder))}", flush=True)
        except Broken as broken:
            print(f"FAILED: {name}: {broken}", flush=True)
            failed = True
sys.exit(1 if failed else 0)
