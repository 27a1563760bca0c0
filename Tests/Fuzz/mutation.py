"""Mutations of documents that JSON readers may disagree on, and the protocol of the program that runs our readers."""
import struct
import subprocess


class Verdicts:
    """Our readers in the `JSONVerdicts` program, which writes one byte, "1" or "0", for each document."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, documents):
        payload = b"".join(struct.pack(">I", len(document)) + document for document in documents)
        self.process.stdin.write(struct.pack(">II", len(documents), len(payload)) + payload)
        self.process.stdin.flush()

    def receive(self, count):
        verdicts = self.process.stdout.read(count)
        assert len(verdicts) == count, "our reader ended early: it crashed"
        return [verdict == ord("1") for verdict in verdicts]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud83d", b"\\udc00", b"\\u0061", b"null", b"true", b"false", b"0", b"1", b"-", b"+", b".",
    b"e", b"E", b"1e5", b"00", b"NaN", b"Infinity", b"\xef\xbb\xbf", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\x80", "é".encode(),
    "😀".encode(), b"\x00", b"\x1f", b"\x7f", b" ", b"\t", b"\n", b"\r", b"\x0b", b"//", b"/*", b"'", b'"a":1', b'{"a":1}', b"[1,2]", b'"x"', b"9" * 20, b"9" * 320,
]


def mutate(chance, document, others):
    """Returns the document with one to five changes, some of which insert parts of the others."""
    document = bytearray(document)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        place = chance.randrange(len(document) + 1)
        kind = chance.randrange(7)
        if kind == 0:
            document[place:place] = chance.choice(TOKENS)
        elif kind == 1 and document:
            document[min(place, len(document) - 1)] = chance.randrange(256)
        elif kind == 2:
            del document[place:place + chance.choice((1, 1, 2, 8))]
        elif kind == 3:
            end = min(len(document), place + chance.randrange(1, 40))
            document[place:place] = document[place:end]
        elif kind == 4 and document:
            document[min(place, len(document) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 5:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            document[place:place] = other[start:start + chance.randrange(1, 60)]
        else:
            document[place:place + 1] = chance.choice(TOKENS)
    return bytes(document)
