"""PostgreSQL servers for the crash test: a primary and, for failovers, a standby that confirms every commit."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

BIN = pathlib.Path(sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))[-1])
SETTINGS = """listen_addresses = ''
unix_socket_directories = '{socket}'
max_connections = 60
shared_buffers = 128MB
synchronous_commit = on
wal_level = replica
hot_standby = on
wal_retrieve_retry_interval = 200ms
restart_after_crash = on
"""


def run(*command, check=True):
    """Runs one of the server's programs, which refuse to run as root."""
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    return subprocess.run([*user, *map(str, command)], check=check, capture_output=True, text=True)


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data, self.socket, self.log = self.folder / "data", self.folder / "socket", self.folder / "server.log"
        self.socket.mkdir(parents=True)
        self.own()

    def own(self):
        if os.getuid() == 0:
            postgres = pwd.getpwnam("postgres")
            for path in (self.folder, self.socket):
                os.chown(path, postgres.pw_uid, postgres.pw_gid)

    def create(self):
        run(BIN / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        self.configure(SETTINGS.format(socket=self.socket))

    def configure(self, text):
        with open(self.data / "postgresql.conf", "a") as file:
            file.write(text)

    def copy(self, primary):
        """Becomes a standby of another server."""
        shutil.rmtree(self.data, ignore_errors=True)
        run(BIN / "pg_basebackup", "-D", self.data, "-h", primary.socket, "-U", "postgres", "-R", "-X", "stream", "-c", "fast")
        self.configure(f"unix_socket_directories = '{self.socket}'\n")
        self.start()

    def start(self):
        run(BIN / "pg_ctl", "-w", "-t", "60", "-D", self.data, "-l", self.log, "start")

    def stop(self, mode):
        run(BIN / "pg_ctl", "-w", "-D", self.data, "-m", mode, "stop", check=False)

    def kill(self):
        """Kills the postmaster; its children notice and exit."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while subprocess.run(["pgrep", "-P", str(pid)], capture_output=True).stdout or self.is_there(pid):
            time.sleep(0.02)
        # Children of a killed postmaster have no parent, and the data folder is locked until the last one has exited.
        while subprocess.run(["pgrep", "-f", f"^postgres:.*|-D {self.data}( |$)", "-u", "postgres"], capture_output=True).returncode == 0 \
                and str(self.data) in subprocess.run(["pgrep", "-af", "postgres"], capture_output=True, text=True).stdout:
            time.sleep(0.02)

    @staticmethod
    def is_there(pid):
        try:
            os.kill(pid, 0)
            return True
        except ProcessLookupError:
            return False

    def is_up(self):
        return run(BIN / "pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    def restart_after_kill(self):
        for attempt in range(200):
            try:
                self.start()
                return
            except subprocess.CalledProcessError:
                # An exiting child still uses the shared memory of the old server.
                time.sleep(0.05)
        raise SystemExit(self.log.read_text()[-2000:])

    def promote(self):
        run(BIN / "pg_ctl", "-w", "-D", self.data, "promote")

    def sql(self, text, port=5432):
        return run("psql", "-h", self.socket, "-p", str(port), "-U", "postgres", "-XAtqc", text).stdout.strip()

    def await_standby(self):
        while self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != "1":
            time.sleep(0.05)


class Pair:
    """Two servers, one of which is the primary."""

    def __init__(self, folder):
        self.primary, self.standby = Server(folder / "a"), Server(folder / "b")
        self.primary.create()
        self.primary.configure("synchronous_standby_names = '*'\n")
        self.primary.start()
        self.standby.copy(self.primary)
        self.primary.await_standby()

    @property
    def connection(self):
        hosts = f"{self.primary.folder.parent}/a/socket,{self.primary.folder.parent}/b/socket"
        return f"host={hosts} user=postgres dbname=postgres target_session_attrs=read-write"

    def fail_over(self):
        self.primary.kill()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary
        self.standby.copy(self.primary)
        self.primary.await_standby()

    def stop(self):
        self.standby.stop("immediate")
        self.primary.stop("immediate")
