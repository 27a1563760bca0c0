"""Checks that `tfhook check-url` and PyPI's idna (RFC 5891 to 5893) agree on which internationalized labels are valid.

    python idna_labels.py TFHOOK [COUNT] [SEED]
"""
import json
import random
import subprocess
import sys

import unicodedata2

# Both sides must use the same version of Unicode; Python's own is older.
sys.modules["unicodedata"] = unicodedata2
import idna

tfhook, count, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000, int(sys.argv[3]) if len(sys.argv) > 3 else 1
chance = random.Random(seed)
# Scripts, marks, joiners and characters with contextual rules, from all of Unicode.
pools = [
    "abclxyz019-", "ab·l", "éüößçñāőø", "αβγςώ͵", "абвёїжщ", "אבגדה׳״1", "ابتثجحخدذرزسش", "پچژگ\u200cیکهن",
    "٠١٢٣", "۰۱۲۳", "कखगघच्\u200d\u200cािी़", "กขคงจ่้าำ", "ക്ഖഗഘാേ", "ああアァ・ー一二三", "가나다라", "ሀለሐመ", "\u0300\u0301\u0302\u0323\u0327\u0328",
    "ạẹọụ", "𞤀𞤢𞤣", "☃♥❤Ⅷ①", "각", "ۀەےۓ", "ߊߋ߫", "ދިވެހި",
]


def label():
    kind = chance.randrange(8)
    if kind == 0:
        return "".join(chr(chance.choice([chance.randrange(0x80, 0x3000), chance.randrange(0x80, 0x20000)])) for _ in range(chance.randrange(1, 4)))
    chosen = [chance.choice(pools) for _ in range(chance.randrange(1, 4))]
    return "".join(chance.choice(chance.choice(chosen)) for _ in range(chance.randrange(1, 8)))


def exists(text):
    """Returns whether idna accepts the A-label as the canonical form of a name."""
    try:
        name = idna.decode(text + ".com", strict=True)
        return idna.encode(name, strict=True).decode() == text + ".com"
    except (idna.IDNAError, UnicodeError, IndexError):
        return False


labels = ["xn--" + chr(point).encode("punycode").decode() for point in range(0x80, 0x32000) if not 0xD800 <= point < 0xE000]
while len(labels) < count + 0x32000:
    text = label()
    if not text.isascii():
        labels.append("xn--" + text.encode("punycode").decode())
labels = [text for text in labels if len(text) <= 63 and text == text.lower()]
lines = "".join(json.dumps({"url": f"https://{text}.com/"}) + "\n" for text in labels)
output = subprocess.run([tfhook, "check-url", "--jsonl"], input=lines, capture_output=True, text=True, check=True).stdout
different = taken = 0
for text, line in zip(labels, output.splitlines(), strict=True):
    ours, theirs = json.loads(line)["verdict"] == "allow", exists(text)
    taken += ours
    if ours != theirs:
        different += 1
        if different <= 20:
            print(text, ascii(text[4:].encode().decode("punycode")), "ours", ours, "idna", theirs)
print(f"{len(labels)} labels, {taken} accepted, {different} different (seed {seed}, Unicode {unicodedata2.unidata_version})")
sys.exit(1 if different or taken < len(labels) / 20 else 0)
