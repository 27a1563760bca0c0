"""Writes signature-vectors.jsonl: requests that a verifier of TaskFlow's webhooks must accept or reject, with reasons.

The vectors are independent of the library: signatures are computed with Python's hmac and PyPI's cryptography. There is
one case per line, in the format of `tfhook verify --jsonl`, with the expected result in `expect`. A test suite in any
language can run the file. The name describes a case, and `expect.reason` is the error code.

    python3 make_vectors.py > signature-vectors.jsonl
"""
import base64
import hashlib
import hmac
import json
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NOW = 1_707_583_522
TOLERANCE = 300
BODY = b'{"id":"evt_xyz789","type":"task.created","timestamp":"2024-02-10T16:45:22Z","data":{"id":"task_abc123"}}'
TEXT_SECRET = "It's a Secret to Everybody"
KEY = bytes(range(1, 33))
SHARED = "whsec_" + base64.b64encode(KEY).decode()
SEED = hashlib.sha256(b"the seed of the vectors").digest()
L = 2**252 + 27742317777372353535851937790883648493
cases = []


def b64(data):
    return base64.b64encode(data).decode()


def digest(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def case(name, scheme, secret, body, headers, reason=None, now=NOW):
    assert name not in {c["name"] for c in cases}, name
    try:
        given = {"secret": secret if isinstance(secret, str) else secret.decode()}
    except UnicodeDecodeError:
        given = {"secret_b64": b64(secret)}
    cases.append(
        {
            "name": name, "scheme": scheme, **given, "body_b64": b64(body), "headers": headers, "now": now,
            "expect": {"valid": reason is None, "reason": reason},
        })


# --- X-TaskFlow-Signature ---------------------------------------------------------------------------------------------


def taskflow(name, reason=None, secret=TEXT_SECRET, key=None, body=BODY, signed=None, value=None, header="X-TaskFlow-Signature", headers=None):
    code = digest((key or secret).encode(), body if signed is None else signed).hex()
    if headers is None:
        headers = {header: "sha256=" + code if value is None else value(code)}
    case("taskflow: " + name, "taskflow-sha256", secret, body, headers, reason)


BODIES = [
    ("an envelope", BODY), ("an empty body", b""), ("one byte", b"x"), ("a newline only", b"\n"),
    ("a trailing newline that was signed", BODY + b"\n"), ("CRLF that was signed", b"{\r\n}\r\n"),
    ("a byte order mark that was signed", b"\xef\xbb\xbf{}"), ("emoji", '{"t":"🎉 done"}'.encode()),
    ("composed and decomposed letters", '{"a":"é","b":"e\u0301"}'.encode()), ("escapes", b'{"t":"\\u00e9\\n\\ud83d\\ude00"}'),
    ("bytes that are not UTF-8", b"\xff\xfe\x00\x80"), ("zero bytes", b"\x00" * 64), ("55 bytes", b"a" * 55),
    ("56 bytes", b"a" * 56), ("63 bytes", b"a" * 63), ("64 bytes", b"a" * 64), ("65 bytes", b"a" * 65),
    ("119 bytes", b"a" * 119), ("120 bytes", b"a" * 120), ("10 000 bytes", bytes(i * 31 % 251 for i in range(10_000))),
    ("no JSON at all", b"not json"), ("pretty-printed JSON", json.dumps({"a": [1, 2]}, indent=2).encode()),
]
for name, body in BODIES:
    taskflow("accepts " + name, body=body)
SECRETS = [
    ("of 12 bytes", "twelve bytes"), ("with umlauts", "geheimes Wörterbuch"), ("with emoji", "🔑 for everybody"),
    ("of 64 bytes", "s" * 64), ("of 65 bytes, hashed first", "s" * 65), ("of 131 bytes", "s" * 131),
    ("with spaces inside", "a secret with spaces"), ("with a prefix, keyed with the whole text", SHARED),
    ("that looks like hex", "00" * 32), ("with a tab inside", "a secret\twith a tab"),
]
for name, secret in SECRETS:
    taskflow("accepts a secret " + name, secret=secret)
for name in ["x-taskflow-signature", "X-TASKFLOW-SIGNATURE", "x-TaskFlow-sIgNaTuRe"]:
    taskflow("accepts the header name " + name, header=name)
taskflow("accepts upper-case digits", value=lambda c: "sha256=" + c.upper())
taskflow("accepts digits of mixed case", value=lambda c: "sha256=" + "".join(d.upper() if i % 2 else d for i, d in enumerate(c)))
for name, before, after in [("spaces", "  ", " "), ("tabs", "\t", "\t\t"), ("both", " \t", "\t ")]:
    taskflow("accepts " + name + " around the value", value=lambda c: before + "sha256=" + c + after)
taskflow("ignores other headers", headers={
    "X-TaskFlow-Signature": "sha256=" + digest(TEXT_SECRET.encode(), BODY).hex(), "X-Hub-Signature": "sha1=00",
    "webhook-signature": "v1,nonsense"})

taskflow("refuses a missing header", "missing_header", headers={"Content-Type": "application/json"})
taskflow("refuses no headers at all", "missing_header", headers={})
taskflow("refuses the header twice", "malformed_header", headers={
    "X-TaskFlow-Signature": ["sha256=" + digest(TEXT_SECRET.encode(), BODY).hex()] * 2})
MALFORMED = [
    ("an empty value", lambda c: ""), ("a blank value", lambda c: "  \t"), ("bare hex without a prefix", lambda c: c),
    ("the prefix alone", lambda c: "sha256="), ("the prefix without its sign", lambda c: "sha256"),
    ("the prefix in upper case", lambda c: "SHA256=" + c), ("sha1", lambda c: "sha1=" + c), ("sha512", lambda c: "sha512=" + c),
    ("v1", lambda c: "v1=" + c), ("63 digits", lambda c: "sha256=" + c[:-1]), ("62 digits", lambda c: "sha256=" + c[:-2]),
    ("65 digits", lambda c: "sha256=" + c + "0"), ("66 digits", lambda c: "sha256=" + c + "00"),
    ("the first 8 digits", lambda c: "sha256=" + c[:8]), ("a digit that is none", lambda c: "sha256=" + c[:-1] + "g"),
    ("a space behind the prefix", lambda c: "sha256= " + c), ("a space in the middle", lambda c: "sha256=" + c[:32] + " " + c[32:]),
    ("a plus sign as a digit", lambda c: "sha256=+f" + c[2:]), ("0x", lambda c: "sha256=0x" + c[2:]), ("0x in front", lambda c: "sha256=0x" + c),
    ("quotes", lambda c: 'sha256="' + c + '"'), ("colons", lambda c: "sha256=" + ":".join(c[i:i + 2] for i in range(0, 64, 2))),
    ("a list", lambda c: "sha256=" + c + ",sha256=" + c), ("a list with a space", lambda c: "sha256=" + c + " sha256=" + c),
    ("a semicolon behind", lambda c: "sha256=" + c + ";"), ("junk behind", lambda c: "sha256=" + c + " x"),
    ("a combining accent behind", lambda c: "sha256=" + c + "\u0301"), ("fullwidth digits", lambda c: "sha256=" + c[:-1] + "１"),
    ("base64", lambda c: "sha256=" + b64(bytes.fromhex(c))), ("base64 without a prefix", lambda c: b64(bytes.fromhex(c))),
    ("a newline behind", lambda c: "sha256=" + c + "\n"), ("a zero byte behind", lambda c: "sha256=" + c + "\0"),
    ("16 KB of digits", lambda c: "sha256=" + "a" * 16_384), ("null", lambda c: "null"), ("undefined", lambda c: "undefined"),
]
for name, value in MALFORMED:
    taskflow("refuses " + name, "malformed_header", value=value)
NO_MATCH = [
    ("a body with a newline added", dict(body=BODY + b"\n", signed=BODY)), ("a body without its newline", dict(body=BODY, signed=BODY + b"\n")),
    ("a body with CRLF for LF", dict(body=b"{\r\n}", signed=b"{\n}")), ("a body with a byte order mark", dict(body=b"\xef\xbb\xbf" + BODY, signed=BODY)),
    ("a body without its byte order mark", dict(body=BODY, signed=b"\xef\xbb\xbf" + BODY)),
    ("a body printed again with spaces", dict(body=json.dumps(json.loads(BODY)).encode(), signed=BODY)),
    ("a body printed again with sorted names", dict(body=json.dumps(json.loads(BODY), sort_keys=True, separators=(",", ":")).encode(), signed=BODY)),
    ("a body with the replacement character for a bad byte", dict(body="\ufffd".encode(), signed=b"\xff")),
    ("a body with a bad byte, signed with the replacement character", dict(body=b"\xff", signed="\ufffd".encode())),
    ("a body with another normal form", dict(body="é".encode(), signed="e\u0301".encode())),
    ("a truncated body", dict(body=BODY[:-1], signed=BODY)), ("an empty body for a full one", dict(body=b"", signed=BODY)),
    ("a full body for an empty one", dict(body=BODY, signed=b"")), ("one flipped bit in the body", dict(body=bytes([BODY[0] ^ 1]) + BODY[1:], signed=BODY)),
    ("another secret", dict(key="another secret altogether")), ("the secret in other case", dict(key=TEXT_SECRET.upper())),
    ("the secret with a newline on the sender's side", dict(key=TEXT_SECRET + "\n")),
    ("the first digit changed", dict(value=lambda c: "sha256=" + ("0" if c[0] != "0" else "1") + c[1:])),
    ("the last digit changed", dict(value=lambda c: "sha256=" + c[:-1] + ("0" if c[-1] != "0" else "1"))),
    ("all zeros", dict(value=lambda c: "sha256=" + "0" * 64)), ("all f", dict(value=lambda c: "sha256=" + "f" * 64)),
    ("the digits reversed", dict(value=lambda c: "sha256=" + c[::-1])),
    ("the plain hash of the body", dict(value=lambda c: "sha256=" + hashlib.sha256(BODY).hexdigest())),
]
for name, settings in NO_MATCH:
    taskflow("refuses " + name, "no_matching_signature", **settings)
case("taskflow: refuses a prefixed secret that was decoded on the sender's side", "taskflow-sha256", SHARED, BODY,
     {"X-TaskFlow-Signature": "sha256=" + digest(KEY, BODY).hex()}, "no_matching_signature")
case("taskflow: refuses a prefixed secret that lost its prefix on the sender's side", "taskflow-sha256", SHARED, BODY,
     {"X-TaskFlow-Signature": "sha256=" + digest(SHARED[6:].encode(), BODY).hex()}, "no_matching_signature")
case("taskflow: refuses only the headers of Standard Webhooks", "taskflow-sha256", SHARED, BODY,
     {"webhook-id": "evt_1", "webhook-timestamp": str(NOW), "webhook-signature": "v1," + b64(digest(KEY, b"evt_1.%d." % NOW + BODY))}, "missing_header")
# A consumer cannot choose its secret, so every secret that is not empty is used unchanged.
for name, secret in [
    ("a secret of one byte", "x"), ("a secret of 8 characters", "8 chars!"), ("a secret of 11 bytes", "eleven byte"),
    ("a secret with a newline", TEXT_SECRET + "\n"), ("a secret with a space in front", " " + TEXT_SECRET),
    ("a secret with a carriage return", TEXT_SECRET + "\r\n"), ("a blank secret", "   "), ("a secret with a zero byte", "zero\0byte"),
    ("the prefix as a secret", "whsec_"), ("a prefixed secret that is not base64", "whsec_not base64 at all!"),
    ("a secret with the prefix inside", "v1," + SHARED), ("a secret in quotes", '"' + SHARED + '"'),
]:
    taskflow("accepts " + name, secret=secret)
taskflow("refuses an empty secret", "empty_secret", secret="", key="x")
taskflow("refuses a secret whose newline the sender does not have", "no_matching_signature", secret=TEXT_SECRET + "\n", key=TEXT_SECRET)
# RFC 4231, section 4; it prints only 128 bits of the tag of case 5, so only these are compared.
RFC_4231 = [
    (1, b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (2, b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (3, b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (4, bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (5, b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (6, b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (7, b"\xaa" * 131, b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.", "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]
for number, key, message, tag in RFC_4231:
    full = digest(key, message).hex()
    assert full.startswith(tag)
    case(f"taskflow: accepts test case {number} of RFC 4231", "taskflow-sha256", key, message, {"X-TaskFlow-Signature": "sha256=" + full})
case("taskflow: refuses test case 5 of RFC 4231 as it is truncated", "taskflow-sha256", RFC_4231[4][1], RFC_4231[4][2],
     {"X-TaskFlow-Signature": "sha256=" + RFC_4231[4][3]}, "malformed_header")
case("taskflow: accepts GitHub's example (Validating webhook deliveries)", "taskflow-sha256", TEXT_SECRET, b"Hello, World!",
     {"X-TaskFlow-Signature": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"})
case("taskflow: accepts the example of octokit/webhooks-methods.js", "taskflow-sha256", "mysecret", b'{"foo":"bar"}',
     {"X-TaskFlow-Signature": "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"})

# --- Standard Webhooks v1 ---------------------------------------------------------------------------------------------


def standard(name, reason=None, secret=SHARED, key=KEY, id="evt_xyz789", sent_id=None, ts=str(NOW), sent_ts=None, body=BODY,
             signed=None, value=None, names=("webhook-id", "webhook-timestamp", "webhook-signature"), drop=None, now=NOW, extra=None):
    message = id.encode() + b"." + ts.encode() + b"." + (body if signed is None else signed)
    tag = "v1," + b64(digest(key, message))
    headers = {names[0]: id if sent_id is None else sent_id, names[1]: ts if sent_ts is None else sent_ts, names[2]: tag if value is None else value(tag)}
    if drop:
        del headers[drop]
    headers.update(extra or {})
    case("v1: " + name, "standard-v1", secret, body, headers, reason, now)


for name, body in BODIES:
    standard("accepts " + name, body=body)
for name, age in [("now", 0), ("a second old", 1), ("300 s old", 300), ("a second ahead", -1), ("300 s ahead", -300)]:
    standard("accepts a time " + name, ts=str(NOW - age))
standard("refuses a time 301 s old", "timestamp_too_old", ts=str(NOW - 301))
standard("refuses a time 301 s ahead", "timestamp_too_new", ts=str(NOW + 301))
standard("refuses a time a year old", "timestamp_too_old", ts=str(NOW - 31_536_000))
standard("refuses a time a year ahead", "timestamp_too_new", ts=str(NOW + 31_536_000))
standard("refuses the time 0", "timestamp_too_old", ts="0")
standard("refuses leading zeros, though they were signed", "malformed_header", ts="00" + str(NOW))
standard("refuses a time that was changed", "no_matching_signature", sent_ts=str(NOW + 1))
standard("refuses a time whose leading zero was added", "malformed_header", sent_ts="0" + str(NOW))
for name, text in [
    ("with a fraction", f"{NOW}.9"), ("with letters behind", f"{NOW}abc"), ("with a plus sign", f"+{NOW}"), ("below zero", f"-{NOW}"), ("nan", "nan"), ("NaN", "NaN"),
    ("inf", "inf"), ("with an exponent", "1.7e9"), ("with an exponent and no point", "17e8"), ("in hex", hex(NOW)), ("empty", ""), ("blank", "  "), ("in words", "hello"),
    ("with a space inside", "17075 83522"), ("with separators", "1_707_583_522"), ("with commas", "1,707,583,522"), ("in other digits", "１７０７５８３５２２"),
    ("in Arabic digits", "١٧٠٧٥٨٣٥٢٢"), ("of 20 digits", "9" * 20), ("of 13 digits, milliseconds", f"{NOW}000"), ("16 384 digits long", "1" * 16_384), ("as RFC 3339", "2024-02-10T16:45:22Z"),
]:
    standard("refuses a time " + name, "malformed_header", ts=text)
standard("accepts spaces around the time", sent_ts=f" {NOW}\t")
standard("accepts spaces around the id", sent_id=" evt_xyz789 ")
for name, id in [("of TaskFlow", "evt_xyz789"), ("of Svix", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("with colons and slashes", "a:b/c"), ("of one character", "x"), ("of 64 characters", "i" * 64), ("of 300 characters", "i" * 300)]:
    standard("accepts an id " + name, id=id)
for name, id in [("with a dot", "evt.1"), ("of a dot only", "."), ("empty", ""), ("blank", " "), ("with a space", "a b"), ("with an accent", "evt_é"), ("with a newline", "evt\n1"), ("with a zero byte", "evt\x001"), ("with an emoji", "evt_🎉")]:
    standard("refuses an id " + name, "malformed_header", id=id)
standard("refuses an id that was changed", "no_matching_signature", sent_id="evt_other")
standard("refuses an id in other case", "no_matching_signature", sent_id="EVT_XYZ789")
boundary = digest(KEY, b"evt.%d.%d." % (NOW, NOW) + BODY)
case("v1: refuses parts whose boundary was moved into the id", "standard-v1", SHARED, BODY,
     {"webhook-id": f"evt.{NOW}", "webhook-timestamp": str(NOW), "webhook-signature": "v1," + b64(boundary)}, "malformed_header")
case("v1: refuses parts whose boundary was moved into the body", "standard-v1", SHARED, b"%d." % NOW + BODY,
     {"webhook-id": "evt", "webhook-timestamp": str(NOW - 1), "webhook-signature": "v1," + b64(boundary)}, "no_matching_signature")
for header in ["webhook-id", "webhook-timestamp", "webhook-signature"]:
    standard("refuses a missing " + header, "missing_header", drop=header)
    standard("refuses an empty " + header, "malformed_header", drop=header, extra={header: ""})
    standard("refuses two of " + header, "malformed_header", drop=header, extra={header: {"webhook-id": ["evt_xyz789"] * 2, "webhook-timestamp": [str(NOW)] * 2}.get(header) or ["v1," + b64(digest(KEY, b"evt_xyz789.%d." % NOW + BODY))] * 2})
standard("accepts Webhook-Id in title case", names=("Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"))
standard("accepts names in upper case", names=("WEBHOOK-ID", "WEBHOOK-TIMESTAMP", "WEBHOOK-SIGNATURE"))
standard("refuses Svix's names", "missing_header", names=("svix-id", "svix-timestamp", "svix-signature"))
OTHER = "v1," + b64(bytes(32))
for name, value in [
    ("a good signature behind a bad one", lambda t: f"{OTHER} {t}"), ("a good signature before a bad one", lambda t: f"{t} {OTHER}"), ("a good signature among bad ones", lambda t: f"{OTHER} {t} {OTHER}"),
    ("a good signature behind twenty", lambda t: " ".join([OTHER] * 20 + [t])), ("a token without a comma before it", lambda t: f"nonsense {t}"), ("two spaces before it", lambda t: f"{OTHER}  {t}"),
    ("a token that is not base64 before it", lambda t: f"v1,!!! {t}"), ("base64 of the wrong length before it", lambda t: f"v1,AAAA {t}"), ("an unknown version before it", lambda t: f"v2,AAAA {t}"),
    ("a v1a signature beside it", lambda t: f"v1a,{b64(bytes(64))} {t}"), ("a version without a name before it", lambda t: f",AAAA {t}"), ("a list separated by tabs", lambda t: f"{OTHER}\t{t}"), ("spaces around the list", lambda t: f"  {t} "),
    ("an empty signature before it", lambda t: f"v1, {t}"), ("a comma before it", lambda t: f", {t}"),
]:
    standard("accepts " + name, value=value)
for name, value, reason in [
    ("another signature", lambda t: OTHER, "no_matching_signature"), ("three other signatures", lambda t: " ".join([OTHER] * 3), "no_matching_signature"), ("the version alone", lambda t: "v1,", "malformed_header"),
    ("the version without a comma", lambda t: "v1", "malformed_header"), ("another version", lambda t: "v2," + t[3:], "malformed_header"), ("v0 with an equals sign", lambda t: "v0=" + t[3:], "malformed_header"),
    ("v1 with an equals sign", lambda t: "v1=" + t[3:], "malformed_header"), ("the version in upper case", lambda t: "V1," + t[3:], "malformed_header"), ("no version", lambda t: t[3:], "malformed_header"), ("a comma and no version", lambda t: "," + t[3:], "malformed_header"),
    ("something behind a second comma", lambda t: t + ",extra", "malformed_header"), ("a list separated by commas", lambda t: t + "," + t, "malformed_header"), ("a list separated by newlines", lambda t: OTHER + "\n" + t, "malformed_header"),
    ("base64 without padding", lambda t: t.rstrip("="), "malformed_header"), ("base64 with more padding", lambda t: t + "=", "malformed_header"), ("base64 of the URL alphabet", lambda t: "v1," + base64.urlsafe_b64encode(b"\xff" * 32).decode(), "malformed_header"),
    ("trailing bits that are not zero", lambda t: t[:-2] + chr(ord(t[-2]) + 1) + "=", "malformed_header"), ("a newline inside", lambda t: t[:20] + "\n" + t[20:], "malformed_header"), ("junk inside that lenient decoders skip", lambda t: t[:20] + "*" + t[20:], "malformed_header"),
    ("hex", lambda t: "v1," + base64.b64decode(t[3:]).hex(), "malformed_header"), ("the first 8 characters", lambda t: t[:11], "malformed_header"), ("31 bytes", lambda t: "v1," + b64(base64.b64decode(t[3:])[:31]), "malformed_header"),
    ("33 bytes", lambda t: "v1," + b64(base64.b64decode(t[3:]) + b"\0"), "malformed_header"), ("a combining accent behind", lambda t: t + "\u0301", "malformed_header"), ("only a v1a signature", lambda t: "v1a," + b64(bytes(64)), "no_matching_signature"),
    ("one flipped bit", lambda t: "v1," + b64(bytes([base64.b64decode(t[3:])[0] ^ 1]) + base64.b64decode(t[3:])[1:]), "no_matching_signature"), ("16 KB of junk", lambda t: "x" * 16_384, "malformed_header"),
    ("16 KB of separators", lambda t: " " * 16_384, "malformed_header"),
]:
    standard("refuses " + name, reason, value=value)
for name, settings in NO_MATCH:
    if set(settings) <= {"body", "signed"}:
        standard("refuses " + name, "no_matching_signature", **settings)
standard("refuses a signature over the body alone", "no_matching_signature", value=lambda t: "v1," + b64(digest(KEY, BODY)))
standard("refuses a signature without the id", "no_matching_signature", value=lambda t: "v1," + b64(digest(KEY, b"%d." % NOW + BODY)))
standard("refuses a trailing newline that was signed and not sent", "no_matching_signature", signed=BODY + b"\n")
standard("accepts a secret without its prefix", secret=SHARED[6:])
for length in [1, 16, 24, 31, 48, 64, 65, 100]:
    key = bytes((i * 7 + length) % 256 for i in range(length))
    standard(f"accepts a key of {length} bytes", secret="whsec_" + b64(key), key=key)
standard("refuses another key", "no_matching_signature", key=bytes(32))
standard("refuses a key that is the text of the secret", "no_matching_signature", key=SHARED.encode())
standard("refuses a key that is the base64 text", "no_matching_signature", key=SHARED[6:].encode())
KEY24 = bytes(range(24))
for name, secret, reason in [
    ("an empty secret", "", "empty_secret"), ("the prefix as a secret", "whsec_", "empty_secret"), ("a secret with a newline", SHARED + "\n", "surrounding_whitespace"), ("a secret with a space in front", " " + SHARED, "surrounding_whitespace"),
    ("a blank secret", " ", "surrounding_whitespace"), ("a secret without its padding", SHARED.rstrip("="), "malformed_secret"), ("a secret with trailing bits", "whsec_QQ=="[:-3] + "R==", "malformed_secret"), ("a secret with the URL alphabet", "whsec_" + "-_" * 16, "malformed_secret"),
    ("a secret as Supabase prints it", "v1," + SHARED, "malformed_secret"), ("a secret that is plain text", TEXT_SECRET, "malformed_secret"), ("a secret with the prefix twice", "whsec_" + SHARED, "malformed_secret"), ("a secret with the prefix in upper case", "WHSEC_" + SHARED[6:], "malformed_secret"),
    ("a secret with a newline inside", SHARED[:20] + "\n" + SHARED[20:], "malformed_secret"), ("a secret of padding only", "whsec_====", "malformed_secret"),
]:
    standard("refuses " + name, reason, secret=secret)
case("v1: the known answer of the specification", "standard-v1", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}',
     {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, now=1614265330)

# --- Standard Webhooks v1a --------------------------------------------------------------------------------------------

private = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
SPKI = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
VERIFIER = "whpk_" + b64(PUBLIC)


def asymmetric(name, reason=None, secret=VERIFIER, id="evt_xyz789", ts=str(NOW), sent_ts=None, body=BODY, signed=None, value=None, signer=private):
    signature = signer.sign(id.encode() + b"." + ts.encode() + b"." + (body if signed is None else signed))
    headers = {"webhook-id": id, "webhook-timestamp": sent_ts or ts, "webhook-signature": value(signature) if value else "v1a," + b64(signature)}
    case("v1a: " + name, "standard-v1a", secret, body, headers, reason)


for name, body in BODIES:
    asymmetric("accepts " + name, body=body)
asymmetric("accepts it behind a v1 signature", value=lambda s: f"{OTHER} v1a,{b64(s)}")
asymmetric("accepts it behind another v1a signature", value=lambda s: f"v1a,{b64(bytes(64))} v1a,{b64(s)}")
asymmetric("accepts it behind odd tokens", value=lambda s: f"v1a,??? v3,x  v1a,{b64(s)}")
asymmetric("accepts a time 300 s old", ts=str(NOW - 300))
asymmetric("refuses a time 301 s old", "timestamp_too_old", ts=str(NOW - 301))
asymmetric("refuses a time 301 s ahead", "timestamp_too_new", ts=str(NOW + 301))
asymmetric("refuses a time that was changed", "no_matching_signature", sent_ts=str(NOW - 1))
asymmetric("refuses another body", "no_matching_signature", signed=BODY + b"\n")
asymmetric("refuses another signer", "no_matching_signature", signer=Ed25519PrivateKey.from_private_bytes(bytes(32)))
asymmetric("refuses only a v1 signature", "no_matching_signature", value=lambda s: OTHER)
asymmetric("refuses a zero signature", "no_matching_signature", value=lambda s: "v1a," + b64(bytes(64)))
asymmetric("refuses a signature of 63 bytes", "malformed_header", value=lambda s: "v1a," + b64(s[:63]))
asymmetric("refuses a signature of 65 bytes", "malformed_header", value=lambda s: "v1a," + b64(s + b"\0"))
asymmetric("refuses a signature in hex", "malformed_header", value=lambda s: "v1a," + s.hex())
asymmetric("refuses a signature that calls itself v1", "malformed_header", value=lambda s: "v1," + b64(s))
asymmetric("refuses the halves of the signature swapped", "no_matching_signature", value=lambda s: "v1a," + b64(s[32:] + s[:32]))
asymmetric("refuses S plus the order of the group", "no_matching_signature", value=lambda s: "v1a," + b64(s[:32] + (int.from_bytes(s[32:], "little") + L).to_bytes(32, "little")))
asymmetric("refuses S of zero", "no_matching_signature", value=lambda s: "v1a," + b64(s[:32] + bytes(32)))
asymmetric("refuses R of the identity and S of zero", "no_matching_signature", value=lambda s: "v1a," + b64(b"\1" + bytes(63)))
asymmetric("refuses the public key in the signature", "no_matching_signature", value=lambda s: "v1a," + b64(PUBLIC + s[32:]))
for byte in [0, 31, 32, 63]:
    asymmetric(f"refuses a flipped bit in byte {byte}", "no_matching_signature", value=lambda s: "v1a," + b64(s[:byte] + bytes([s[byte] ^ 1]) + s[byte + 1:]))
P = 2**255 - 19
SMALL = [
    (0).to_bytes(32, "little"), (1).to_bytes(32, "little"), bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), (P - 1).to_bytes(32, "little"), P.to_bytes(32, "little"), (P + 1).to_bytes(32, "little"),
]
for number, point in enumerate(SMALL):
    for sign in (0, 0x80):
        key = point[:31] + bytes([point[31] | sign])
        asymmetric(f"refuses the key of small order {number}, sign {sign >> 7}", "unusable_key", secret="whpk_" + b64(key), value=lambda s: "v1a," + b64(b"\1" + bytes(63)))
asymmetric("refuses a key that is not written canonically", "unusable_key", secret="whpk_" + b64((P + 5).to_bytes(32, "little")))
for name, secret, reason in [
    ("a key in its X.509 wrapping", "whpk_" + b64(SPKI), "malformed_secret"), ("a key of 31 bytes", "whpk_" + b64(PUBLIC[:31]), "malformed_secret"), ("a key of 33 bytes", "whpk_" + b64(PUBLIC + b"\0"), "malformed_secret"),
    ("a key that is not base64", "whpk_not base64", "malformed_secret"), ("the prefix as a key", "whpk_", "empty_secret"), ("a key with a newline", VERIFIER + "\n", "surrounding_whitespace"),
]:
    asymmetric("refuses " + name, reason, secret=secret)
asymmetric("refuses the signing key itself, for its public half", "wrong_kind", secret="whsk_" + b64(SEED))
taskflow("refuses a public key, which is no shared secret", "missing_header", secret=VERIFIER, headers={})
taskflow("refuses a public key as a shared secret", "no_matching_signature", secret=VERIFIER)
taskflow("refuses a signing key", "wrong_kind", secret="whsk_" + b64(SEED))
asymmetric("refuses a shared secret", "no_matching_signature", secret=SHARED)
case("v1a: the known answer of the specification", "standard-v1a", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", b'{"test": 2432232314}',
     {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
      "webhook-signature": "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="}, now=1614265330)

for c in cases:
    sys.stdout.write(json.dumps(c, ensure_ascii=False) + "\n")
print(len(cases), "cases,", sum(c["expect"]["valid"] for c in cases), "valid", file=sys.stderr)
