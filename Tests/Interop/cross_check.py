"""Checks that every peer verifies the signatures of tfhook, and tfhook those of every peer.

    python cross_check.py TFHOOK

Runs with the Python whose packages the peers need (standardwebhooks, svix, cryptography).
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TFHOOK = sys.argv[1]
PEERS = pathlib.Path(__file__).resolve().parent / "peers"
ROOT = PEERS.parents[2]
NOW = int(time.time())
SEED = base64.b64encode(bytes(range(7, 39))).decode()
SHARED = "whsec_" + base64.b64encode(bytes(range(32))).decode()

BODIES = [json.dumps(json.loads(file.read_text()), separators=(",", ":"), ensure_ascii=False).encode()
          for file in sorted((ROOT / "Docs/Reference/examples").glob("*.json"))]
BODIES += [b"{}", b"\n", '{"t":"🎉 ünïcödé"}'.encode(), b'{"t":"\\u00e9\\n"}', b"a" * 64, bytes(range(128)) * 100]
BINARY = [b"\xff\xfe\x00\x80", b""]
TEXT_SECRETS = ["It's a Secret to Everybody", "geheimes Wörterbuch 🔑", "s" * 131, SHARED]

PYTHON = [sys.executable, str(PEERS / "peer.py")]
# The schemes of each peer. The packages parse the body as JSON text when they verify, so they get only JSON bodies.
PEERS_AND_SCHEMES = [
    ("Python, hmac", PYTHON, [], ["taskflow-sha256", "standard-v1"]),
    ("Python, cryptography", PYTHON, [], ["standard-v1a"]),
    ("Python, standardwebhooks", PYTHON, ["standardwebhooks"], ["standard-v1"]),
    ("Python, svix", PYTHON, ["svix"], ["standard-v1"]),
    ("Node, crypto", ["node", str(PEERS / "peer.mjs")], [], ["taskflow-sha256", "standard-v1", "standard-v1a"]),
    ("Java, javax.crypto", ["java", str(PEERS / "Peer.java")], [], ["taskflow-sha256", "standard-v1"]),
    ("Perl, Digest::SHA", ["perl", str(PEERS / "peer.pl")], [], ["taskflow-sha256", "standard-v1"]),
]


def is_json(body):
    try:
        json.loads(body)
        return True
    except ValueError:
        return False


def run(command, text, **settings):
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, **settings)
    assert result.returncode == 0, (command, result.returncode, result.stderr)
    return result.stdout.splitlines()


def line(*fields):
    return "\t".join(fields) + "\n"


def encoded(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def cases(schemes, only_json):
    """Yields scheme, signing secret, verifying secret and body."""
    for scheme in schemes:
        secrets = {
            "taskflow-sha256": [(secret, secret) for secret in TEXT_SECRETS],
            "standard-v1": [(SHARED, SHARED), (SHARED[6:], SHARED[6:])],
            "standard-v1a": [("whsk_" + SEED, PUBLIC)],
        }[scheme]
        for signing, verifying in secrets:
            for body in BODIES + BINARY:
                if not only_json or is_json(body):
                    yield scheme, signing, verifying, body


def ours(scheme, secret, body, folder, memory={}):
    """Returns the signature of tfhook."""
    key = (scheme, secret, body)
    if key not in memory:
        file = folder / "body"
        file.write_bytes(body)
        command = [TFHOOK, "sign", str(file), "--scheme", scheme, "--id", "evt_cross", "--timestamp", str(NOW), "--output", "json"]
        headers = json.loads(run(command, "", env={**os.environ, "TASKFLOW_WEBHOOK_SECRET": secret})[0])
        memory[key] = headers.get("webhook-signature") or headers["X-TaskFlow-Signature"]
    return memory[key]


def headers(scheme, signature):
    if scheme == "taskflow-sha256":
        return {"X-TaskFlow-Signature": signature}
    return {"webhook-id": "evt_cross", "webhook-timestamp": str(NOW), "webhook-signature": signature}


def public_key():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED)).public_key()
    return "whpk_" + base64.b64encode(key.public_bytes_raw()).decode()


PUBLIC = public_key()
failures = 0
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for peer, command, arguments, schemes in PEERS_AND_SCHEMES:
        todo = list(cases(schemes, only_json=bool(arguments)))
        signed = [ours(scheme, signing, body, folder) for scheme, signing, _, body in todo]
        asked = "".join(
            line(scheme, encoded(verifying), "evt_cross", str(NOW), encoded(body), signature)
            for (scheme, _, verifying, body), signature in zip(todo, signed))
        wrong = "".join(
            line(scheme, encoded(verifying), "evt_cross", str(NOW), encoded(body + b" "), signature)
            for (scheme, _, verifying, body), signature in zip(todo, signed))
        accepted = run(command + ["verify"] + arguments, asked)
        refused = run(command + ["verify"] + arguments, wrong)
        theirs = run(command + ["sign"] + arguments, "".join(
            line(scheme, encoded(signing), "evt_cross", str(NOW), encoded(body)) for scheme, signing, _, body in todo))
        vectors = "".join(
            json.dumps({"name": f"{peer} {number}", "scheme": scheme, "secret": verifying, "body_b64": encoded(body),
                        "headers": headers(scheme, signature), "now": NOW}) + "\n"
            for number, ((scheme, _, verifying, body), signature) in enumerate(zip(todo, theirs)))
        verdicts = [json.loads(answer) for answer in run([TFHOOK, "verify", "--jsonl"], vectors)]
        counts = (
            accepted.count("valid"), refused.count("invalid"), sum(verdict["valid"] for verdict in verdicts), len(todo))
        failures += counts[:3] != (len(todo),) * 3
        print(f"{peer:26} accepts ours {counts[0]}/{counts[3]}, rejects changed bodies {counts[1]}/{counts[3]}, "
              f"we accept theirs {counts[2]}/{counts[3]}")
sys.exit(failures > 0)
