"""Python: hmac of the standard library, the named package (standardwebhooks or svix), or cryptography for v1a."""
import base64
import hashlib
import hmac
import sys

mode, library = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None


def standard_key(secret):
    return base64.b64decode(secret.removeprefix("whsec_"))


def sign(scheme, secret, id, timestamp, body):
    if scheme == "taskflow-sha256":
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    message = f"{id}.{timestamp}.".encode() + body
    if scheme == "standard-v1a":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.removeprefix("whsk_"))[:32])
        return "v1a," + base64.b64encode(key.sign(message)).decode()
    if library:
        from datetime import datetime, timezone
        return webhook(secret).sign(id, datetime.fromtimestamp(int(timestamp), timezone.utc), body.decode())
    return "v1," + base64.b64encode(hmac.new(standard_key(secret), message, hashlib.sha256).digest()).decode()


def webhook(secret):
    module = __import__({"standardwebhooks": "standardwebhooks.webhooks", "svix": "svix.webhooks"}[library], fromlist=["Webhook"])
    return module.Webhook(secret)


def verify(scheme, secret, id, timestamp, body, signature):
    if scheme == "standard-v1a":
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(secret.removeprefix("whpk_")))
        try:
            key.verify(base64.b64decode(signature.removeprefix("v1a,")), f"{id}.{timestamp}.".encode() + body)
            return True
        except InvalidSignature:
            return False
    if library:
        try:
            webhook(secret).verify(body, {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature})
            return True
        except Exception:
            return False
    return hmac.compare_digest(sign(scheme, secret, id, timestamp, body).encode(), signature.encode())


for line in sys.stdin:
    scheme, secret, id, timestamp, body, *rest = line.rstrip("\n").split("\t")
    arguments = (scheme, base64.b64decode(secret).decode(), id, timestamp, base64.b64decode(body))
    print(sign(*arguments) if mode == "sign" else "valid" if verify(*arguments, rest[0]) else "invalid")
