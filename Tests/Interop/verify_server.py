"""Verifies TaskFlow's requests as its users would, with Python's hmac and with PyPI's standardwebhooks.

Reads the secrets from the environment, prints its port, and responds with 200 when both verify, and 401 otherwise.
"""
import hashlib
import hmac
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

SECRET = os.environ["TASKFLOW_SECRET"]
STANDARD_SECRET = os.environ["STANDARD_SECRET"]


def verify_webhook(payload: bytes, signature, secret: str) -> bool:
    """The example of the product page, corrected to take bytes and to handle a missing header."""
    expected = "sha256=" + hmac.new(secret.encode("utf-8"), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest((signature or "").encode(), expected.encode())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, text = 200, "verified"
        if not verify_webhook(body, self.headers.get("X-TaskFlow-Signature"), SECRET):
            status, text = 401, "hmac does not match"
        try:
            Webhook(STANDARD_SECRET).verify(body, dict(self.headers))
        except Exception as error:
            status, text = 401, f"standardwebhooks: {error!r}"
        reply = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *arguments):
        pass


# Exits when the test that started it ends, however it ends, because that closes the pipe.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
