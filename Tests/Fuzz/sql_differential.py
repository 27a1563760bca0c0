"""Compares which mutated bodies `Envelope.decode` and `publish_bytes` accept.

    python sql_differential.py VERDICTS CONNECTION SCHEMA RUNS [SEED]

There is one known difference: PostgreSQL's numbers have at most 16383 digits after the decimal point, so it rejects
`1e-99999`, which `Envelope.decode` reads as 0. Prints the seed. Every other difference is printed and fails the run.
"""
import base64
import json
import pathlib
import random
import re
import subprocess
import sys

from mutation import Verdicts, mutate

program, connection, schema, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(2**32)
chance = random.Random(seed)
lines = list(map(json.loads, (pathlib.Path(__file__).resolve().parents[1] / "Fixtures/event-bodies.jsonl").read_text().splitlines()))
bodies = [base64.b64decode(line["body_b64"]) if "body_b64" in line else line["body"].encode() for line in lines]
SEEDS = [body for body in bodies if len(body) < 2000]
EVENTS = [body for body, line in zip(bodies, lines) if line["decodes"] and len(body) < 2000]
VALUE = rb'"(?:[^"\\]|\\.)*"|-?[0-9][-+0-9.eE]*|true|false|null'
# VALUES replace values; WORDS replace any token.
VALUES = sorted(set(re.findall(rb"(?<=[:\[,]) ?(" + VALUE + rb")(?=[,\]}])", b"\n".join(SEEDS)))) + [b"{}", b"[]", b'{"a":[1]}']
WORDS = sorted(set(re.findall(VALUE, b"\n".join(SEEDS))))
SMALL = re.compile(rb"[eE]-[0-9]{4,}")


def change(body):
    """Returns a changed body, in most cases still JSON, because both sides reject anything else for that alone."""
    kind = chance.randrange(8)
    if kind == 0:
        return mutate(chance, body, SEEDS)
    if kind == 1:
        parts = re.split(b"(" + VALUE + b")", body)
        parts[chance.randrange(len(parts))] = chance.choice(WORDS)
        return b"".join(parts)
    places = [match.span(1) for match in re.finditer(rb"(?<=[:\[,]) ?(" + VALUE + rb"|\{\}|\[\])(?=[,\]}])", body)]
    for start, end in sorted(chance.sample(places, min(len(places), chance.choice((1, 1, 2)))), reverse=True):
        value = body[start:end]
        if kind == 2:
            value = mutate(chance, value, VALUES)
        elif kind == 3 and value[:1] == b'"':
            # Inside a string.
            inner = bytearray(value[1:-1])
            place = chance.randrange(len(inner) + 1)
            inner[place:place + chance.randrange(2)] = chance.choice(
                [b"0", b"9", b":", b"-", b"T", b"Z", b".5", b"+00:00", b"\\u0000", b"\\\\u0000", b"\\u0041", "é".encode(), b" ", b"\\ud83d\\ude00", b"60", b"24", b"a" * 70])
            value = b'"' + bytes(inner) + b'"'
        else:
            value = chance.choice(VALUES)
        body = body[:start] + value + body[end:]
    return body


FUNCTION = f"""
CREATE FUNCTION pg_temp.verdict(body bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {schema}.read_envelope(body);
    RETURN '1';
EXCEPTION WHEN invalid_parameter_value OR invalid_json_text THEN RETURN '0';
END
$$;
CREATE TEMPORARY TABLE bodies (number integer, body bytea);
"""
reader = Verdicts(program, "envelope")
psql = subprocess.Popen(["psql", connection, "-XqAt", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
psql.stdin.write(FUNCTION.encode())
done = different = accepted = small = 0
print(f"seed {seed}", flush=True)
while done < runs:
    batch = [change(chance.choice(EVENTS if chance.randrange(4) else SEEDS)) for _ in range(min(5000, runs - done))]
    rows = "".join(f"{number}\t\\\\x{body.hex()}\n" for number, body in enumerate(batch))
    psql.stdin.write(f"TRUNCATE bodies;\nCOPY bodies FROM STDIN;\n{rows}\\.\nSELECT string_agg(pg_temp.verdict(body), '' ORDER BY number) FROM bodies;\n".encode())
    psql.stdin.flush()
    reader.send(batch)
    decoded, published = reader.receive(len(batch)), psql.stdout.readline().strip()
    assert len(published) == len(batch), "SQL ended early"
    for body, decodes, publishes in zip(batch, decoded, (verdict == ord("1") for verdict in published)):
        accepted += decodes
        if decodes == publishes:
            continue
        if decodes and SMALL.search(re.sub(rb'"(?:[^"\\\\]|\\\\.)*"', b'""', body)):
            small += 1
            continue
        different += 1
        if different <= 20:
            print(f"Envelope.decode {'accepts' if decodes else 'rejects'}, SQL {'rejects' if decodes else 'accepts'}: {body!r}")
    done += len(batch)
reader.close()
psql.stdin.close()
print(f"{done} bodies: {accepted} accepted by Envelope.decode, {small} with numbers too small for SQL, {different} different")
sys.exit(different > 0)
