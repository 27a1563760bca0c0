# Sourced: runs a private PostgreSQL server (Debian's package) on a Unix socket, in a folder that is removed afterwards.

# postgres_bin: prints the folder with the programs of the newest installed server.
postgres_bin() {
  local folder
  folder=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$folder" ] || folder=$(dirname "$(command -v initdb)")
  printf '%s' "$folder"
}

# as_postgres COMMAND…: runs a command as the user postgres, because the server refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# postgres_start FOLDER [SETTING…]: creates a cluster in the folder and starts it. The data is temporary, so fsync is off unless
# a setting enables it.
postgres_start() {
  local folder=$1 setting
  shift
  need_packages postgresql libpq-dev
  mkdir -p "$folder/socket"
  [ "$(id -u)" -eq 0 ] && chown -R postgres "$folder" && chmod 755 "$folder"
  as_postgres "$(postgres_bin)/initdb" -D "$folder/data" -A trust -U postgres --no-sync -E UTF8 --locale=C >"$folder/initdb.log"
  {
    echo "listen_addresses = ''"
    echo "unix_socket_directories = '$folder/socket'"
    echo "max_connections = 200"
    echo "shared_buffers = 256MB"
    echo "fsync = off"
    for setting in "$@"; do echo "$setting"; done
  } >>"$folder/data/postgresql.conf"
  postgres_run "$folder"
}

# postgres_run FOLDER: starts the server of an existing cluster, and waits until it answers.
postgres_run() {
  as_postgres "$(postgres_bin)/pg_ctl" -w -t 60 -D "$1/data" -l "$1/server.log" start >/dev/null || {
    tail -n 20 "$1/server.log"
    return 1
  }
}

# postgres_stop FOLDER [MODE]: stops the server.
postgres_stop() {
  as_postgres "$(postgres_bin)/pg_ctl" -w -D "$1/data" -m "${2:-fast}" stop >/dev/null 2>&1 || true
}

# postgres_url FOLDER: prints the connection string of the server.
postgres_url() { printf 'host=%s/socket user=postgres dbname=postgres' "$1"; }

# pgbouncer_start FOLDER: starts a pooler in front of the server, in transaction mode.
pgbouncer_start() {
  need_packages pgbouncer
  mkdir -p "$1/pooler"
  cat >"$1/pooler/pgbouncer.ini" <<END
[databases]
postgres = host=$1/socket dbname=postgres user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = $1/pooler
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
logfile = $1/pooler/log
pidfile = $1/pooler/pid
END
  [ "$(id -u)" -eq 0 ] && chown -R postgres "$1/pooler"
  as_postgres "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" -q -d "$1/pooler/pgbouncer.ini"
}

# pgbouncer_stop FOLDER: stops the pooler.
pgbouncer_stop() { [ ! -f "$1/pooler/pid" ] || kill "$(cat "$1/pooler/pid")" 2>/dev/null || true; }

# pgbouncer_url FOLDER: prints the connection string of the pooler.
pgbouncer_url() { printf 'host=%s/pooler port=6432 user=postgres dbname=postgres' "$1"; }
