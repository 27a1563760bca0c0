#!/usr/bin/env bash
# Tests Examples/HummingbirdReceiver with curl as the sender: it accepts events of up to 9.9 MB, and rejects invalid requests.
#   bash Tests/Interop/hummingbird.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/.ci/setup"
need_swift
need_packages curl libssl-dev python3

example=$root/Examples/HummingbirdReceiver
touch "$example/Package.swift"
swift build --package-path "$example" --disable-index-store -Xcc -g0 2>&1 | thin 100
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
export TASKFLOW_WEBHOOK_SECRET='a secret of the example receiver' PORT
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$example/.build/debug/HummingbirdReceiver" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  if curl -s -o /dev/null "http://127.0.0.1:$PORT/"; then break; fi
  sleep 0.1
done

# event BYTES: writes a signed event with a body of about that many bytes to $work/body and $work/headers.
event() {
  python3 - "$1" >"$work/body" <<'PYTHON'
import datetime, json, sys
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({"id": f"evt_{sys.argv[1]}", "type": "task.archived", "timestamp": now,
                  "data": {"padding": "x" * (int(sys.argv[1]) - 170)}, "metadata": {"account_id": "acc_1"}}), end="")
PYTHON
  "$root/Examples/tfhook" sign "$work/body" >"$work/headers"
}
# expect STATUS WHAT [CURL OPTIONS]: sends the event, and fails unless the receiver responds with STATUS.
expect() {
  local status what=$2
  status=$(curl -s -o "$work/answer" -w '%{http_code}' -H "@$work/headers" --data-binary "@$work/body" "${@:3}" \
    "http://127.0.0.1:$PORT/webhooks/taskflow")
  if [ "$status" != "$1" ]; then
    say "$what: status $status instead of $1: $(head -c 300 "$work/answer")"
    exit 1
  fi
  say "$what: $status"
}
event 500
expect 200 'a small event'
expect 200 'the same event again'
event 20000
expect 200 'an event of 20 KB'
event 9900000
expect 200 'an event of 9.9 MB'
expect 200 'the same in chunks' -H 'Transfer-Encoding: chunked'
printf 'x' >>"$work/body"
expect 401 'a changed event'
event 10600000
expect 413 'an event of 10.6 MB'
expect 413 'the same in chunks' -H 'Transfer-Encoding: chunked'
event 600
sed -i 's#application/json#text/plain#' "$work/headers"
expect 415 'an event with Content-Type text/plain'
# The receiver writes its output when it exits.
kill "$server"
wait "$server" || true
[ "$(grep -c 'task.archived' "$work/log")" = 3 ] || { say "expected 3 handled events: $(cat "$work/log")"; exit 1; }
