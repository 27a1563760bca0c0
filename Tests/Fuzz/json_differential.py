"""Compares which mutated documents our JSON reader and orjson accept.

    python json_differential.py VERDICTS RUNS [SEED]

Ours may reject what orjson accepts in two cases only: duplicate names, and more than 64 levels. Prints the seed. Every
other difference is printed and fails the run.
"""
import json
import pathlib
import random
import sys

import orjson

from mutation import Verdicts, mutate

program, runs = sys.argv[1], int(sys.argv[2])
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(2**32)
chance = random.Random(seed)
root = pathlib.Path(__file__).resolve().parents[2]

SEEDS = [file.read_bytes() for file in sorted((root / "Tests/Fuzz/corpus/envelope").iterdir())]
SEEDS += (root / "Examples/Demo/story.jsonl").read_bytes().splitlines()[:40]
SEEDS += [
    b"0", b"-0", b"-1.5e+10", b"1E400", b"1e-400", b"123456789012345678901234567890", b"[]", b"{}", b"[[[[]]]]", b'""', b"null",
    b" [ 1 , 2 ] ", b'{"a":{"b":[true,false,null]}}', b'"\\ud83d\\ude00"', b'"\\u0000\\n\\/"', '"é😀\u2028"'.encode(), b'"\x7f"',
    b"[" * 64 + b"]" * 64, b"[" * 65 + b"]" * 65, b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b'["\\ud800"]', b"[1,]", b"nul",
]
class Duplicate(Exception):
    pass


def pairs(items):
    if len({name for name, _ in items}) != len(items):
        raise Duplicate
    return dict(items)


def is_stricter(document):
    """Returns whether the document has duplicate names or more than 64 levels."""
    depth = deepest = 0
    inside = escaped = False
    for byte in document:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    if deepest > 64:
        return True
    try:
        json.loads(document, object_pairs_hook=pairs)
    except Duplicate:
        return True
    except ValueError:
        pass
    return False


def accepts(document):
    try:
        orjson.loads(document)
        return True
    except orjson.JSONDecodeError:
        return False


reader = Verdicts(program)
different = accepted = stricter = done = 0
print(f"seed {seed}", flush=True)
while done < runs:
    batch = [mutate(chance, chance.choice(SEEDS), SEEDS) for _ in range(min(10_000, runs - done))]
    if done == 0:
        batch[:len(SEEDS)] = SEEDS[:len(batch)]
    reader.send(batch)
    for document, ours in zip(batch, reader.receive(len(batch))):
        theirs = accepts(document)
        accepted += ours
        if ours == theirs:
            continue
        if theirs and is_stricter(document):
            stricter += 1
            continue
        different += 1
        if different <= 20:
            print(f"ours {'accepts' if ours else 'rejects'}, orjson {'accepts' if theirs else 'rejects'}: {document!r}")
    done += len(batch)
reader.close()
print(f"{done} documents: {accepted} accepted by both, {stricter} rejected by ours alone for duplicate names or depth, "
      f"{different} different")
sys.exit(different > 0)
