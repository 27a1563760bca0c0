"""Writes the IDNA 2008 tables for Sources/WebhookLimits/Endpoint/IDNA from the published Unicode data.

The derived property of RFC 5892 (the table that IANA publishes), joining types and scripts are from PyPI's idna;
combining classes, bidirectional classes and compositions are from PyPI's unicodedata2. Both packages must have the same
Unicode version.

    pip install idna unicodedata2==17.0.* && python3 make_idna.py ../../Sources/WebhookLimits/Endpoint/IDNA
"""
import sys
import unicodedata2 as ucd
from pathlib import Path

from idna import idnadata

assert ucd.unidata_version == idnadata.__version__, (ucd.unidata_version, idnadata.__version__)
VERSION = ucd.unidata_version
DIRECTIONS = {"L": 0, "R": 1, "AL": 1, "AN": 2, "EN": 3, "NSM": 4, "ES": 5, "CS": 5, "ET": 5, "ON": 5, "BN": 5}
JOININGS = {"U": 0, "T": 1, "L": 2, "R": 3, "D": 4, "C": 5}
SCRIPTS = {"Greek": 1, "Hebrew": 2, "Hiragana": 3, "Katakana": 3, "Han": 3}


def members(ranges):
    """Yields the code points in packed ranges of idna."""
    for packed in ranges:
        yield from range(packed >> 32, packed & 0xFFFFFFFF)


def properties():
    """Yields each code point that is allowed in a label, with its properties in the packed format of `ScalarProperties`."""
    script = {point: SCRIPTS[name] for name, ranges in idnadata.scripts.items() for point in members(ranges) if name in SCRIPTS}
    joining = {point: JOININGS[chr(kind)] for point, kind in idnadata.joining_types().items()}
    for status, name in [(1, "PVALID"), (2, "CONTEXTJ"), (3, "CONTEXTO")]:
        for point in members(idnadata.codepoint_classes[name]):
            character = chr(point)
            direction = DIRECTIONS.get(ucd.bidirectional(character), 6)
            yield point, (
                status | joining.get(point, 0) << 2 | direction << 5 | script.get(point, 0) << 8
                | ucd.category(character).startswith("M") << 10 | ucd.combining(character) << 11)


def runs():
    """Yields the first code point of every run of code points with the same properties."""
    known = dict(properties())
    previous = 0
    for point in range(max(known) + 2):
        packed = known.get(point, 0)
        if packed != previous:
            yield point << 24 | packed
            previous = packed


def compositions():
    """Yields every pair that composes to one code point (NFC), with that code point."""
    for point in range(0x110000):
        parts = ucd.decomposition(chr(point))
        if not parts or parts.startswith("<") or len(parts.split()) != 2 or 0xAC00 <= point <= 0xD7A3:
            continue
        first, second = (int(part, 16) for part in parts.split())
        if ucd.normalize("NFC", chr(first) + chr(second)) == chr(point):
            yield first << 42 | second << 21 | point


def write(path, summary, name, values, digits, columns):
    rows = [values[start:start + columns] for start in range(0, len(values), columns)]
    lines = [f"        {', '.join(f'0x{value:0{digits}X}' for value in row)}," for row in rows]
    path.write_text("\n".join([
        f"// Made by Tests/Fixtures/make_idna.py from Unicode {VERSION}. Do not edit.", "", f"extension {name.split('.')[0]} {{", f"    /// {summary}",
        f"    static let {name.split('.')[1]}: [UInt64] = [", *lines, "    ]", "}", ""]))


folder = Path(sys.argv[1])
write(folder / "ScalarProperties+Table.swift", "Where the properties of code points change, in order: the code point above 24 bits of properties.",
      "ScalarProperties.runs", list(runs()), 11, 7)
write(folder / "ComposedForm+Table.swift", "The pairs that compose, in order: three code points of 21 bits, the composed one last.",
      "ComposedForm.compositions", sorted(compositions()), 16, 5)
