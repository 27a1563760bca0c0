"""Lists the public API of each module, one declaration per line, from the sources.

    python3 .ci/api.py [--write | --names]

Compares the lists with `Docs/Reference/api/<Module>.txt` and prints the differences; `--write` writes the files; `--names` prints
the top-level names of each module. It needs no build: it relies on the committed format, with four spaces per level.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[1]
folder = root / "Docs/Reference/api"
ADAPTERS = {
    "System": "WebhookSystem", "HTTPTransport": "WebhookHTTPTransport", "AsyncHTTPClient": "WebhookAsyncHTTPClient",
    "HTTP1": "WebhookHTTP1", "Resolver": "WebhookResolver", "SQLite": "WebhookSQLite", "PostgreSQL": "WebhookPostgreSQL",
}
TYPE = re.compile(r"(?:(public|package|internal|private|fileprivate|open) )?(?:(?:final|indirect|nonisolated) )*(struct|class|enum|actor|protocol|extension) ([\w.`\[\]?]+)")
ATTRIBUTE = re.compile(r"@[A-Za-z_]+(?:\((?:[^()]|\([^()]*\))*\))?(?:\s+|$)")


def modules():
    for path in sorted((root / "Sources").iterdir()):
        if path.name.startswith(("Webhook", "TaskFlow")):
            yield path.name, path
    for path in sorted((root / "Sources/Adapters").iterdir()):
        yield ADAPTERS[path.name], path


def declarations(text):
    """Yields (qualified type name or "", declaration) for what is public."""
    lines = text.splitlines()
    scopes = []  # (indentation, name, access, kind, is public)
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        stripped = line.strip()
        if not stripped or stripped.startswith(("//", "#", "{", "}", ")", "]")) or " import " in f" {stripped}":
            continue
        indentation = len(line) - len(line.lstrip())
        while scopes and scopes[-1][0] >= indentation:
            scopes.pop()
        # Only members of the current scope: the bodies of functions are deeper.
        if indentation != (scopes[-1][0] + 4 if scopes else 0):
            continue
        bare = stripped
        while bare.startswith("@"):
            found = ATTRIBUTE.match(bare)
            # What remains unmatched is an attribute on its own line, such as `@available` with a message.
            bare = bare[found.end():] if found else ""
            if not bare:
                bare = lines[index].strip()
                index += 1
        # A signature continues until its parentheses are closed.
        while index < len(lines) and (bare.count("(") > bare.count(")") or bare.endswith((",", "->", "where", "=", ":"))):
            bare += " " + lines[index].strip()
            index += 1
        while index < len(lines) and re.match(r"\s*(where |throws|async|->|: |= )", lines[index]) and not bare.endswith(("{", "}")):
            bare += " " + lines[index].strip()
            index += 1
        outer = scopes[-1] if scopes else None
        found = TYPE.match(bare)
        name = ".".join(scope[1] for scope in scopes)
        inherits = outer is not None and outer[4] and (outer[3] == "protocol" or outer[2] == "public extension")
        is_case = outer is not None and outer[3] == "enum" and outer[4] and bare.startswith(("case ", "indirect case "))
        is_public = bare.startswith(("public ", "open ")) or is_case or inherits and not re.match(r"(package|internal|private|fileprivate) ", bare)
        if found:
            access, kind, own = found[1], found[2], found[3]
            if kind == "extension":
                scopes.append((indentation, own, f"{access} extension" if access else "", "extension", True))
                if ":" in bare.split("{")[0]:
                    yield own, "conforms to" + bare.split("{")[0].split(":", 1)[1].rstrip(), "extension"
                continue
            if is_public:
                yield name, signature(bare), kind
            scopes.append((indentation, own, access or "", kind, is_public))
        elif is_public:
            yield name, signature(bare), "member"


def signature(text):
    """Returns a declaration without its body, its access level and the initial value of a property."""
    depth, end = 0, len(text)
    for place, character in enumerate(text):
        depth += character in "([" 
        depth -= character in ")]"
        if character == "{" and depth == 0:
            end = place
            break
    text = text[:end].strip()
    text = re.sub(r"^(?:public |open )", "", text)
    if re.match(r"(?:static )?(?:private\(set\) |package\(set\) |internal\(set\) )?(?:static )?(?:let|var) ", text):
        # The initial value stays only where it gives the type.
        name = text.split(" = ")[0]
        text = name if ":" in name else text
    return re.sub(r"\(\s+", "(", re.sub(r"\s+\)", ")", re.sub(r"\s+", " ", text)))


def listing(path):
    public, rows = set(), []
    for file in sorted(path.rglob("*.swift")):
        for scope, text, kind in declarations(file.read_text()):
            if kind in ("struct", "class", "enum", "actor", "protocol"):
                public.add(f"{scope}.".lstrip(".") + TYPE.match("public " + text)[3])
            rows.append((scope, text, kind))
    # Extensions of types that are not public add no API, unless the type is from another module.
    local = {found[3] for file in path.rglob("*.swift") for found in map(TYPE.match, map(str.strip, file.read_text().splitlines()))
             if found and found[2] != "extension"}
    kept = set()
    for scope, text, kind in rows:
        head = scope.split(".")[0]
        if head in local and scope and scope not in public:
            continue
        if kind == "extension" and head in local and scope not in public:
            continue
        if kind == "extension" and head not in local:
            continue
        kept.add(f"{scope}: {text}" if scope else text)
    return sorted(kept)


counts = {}
for module, path in modules():
    lines = listing(path)
    names = {re.match(r"(?:final |indirect )*(?:struct|class|enum|actor|protocol|typealias) (\w+)", line)[1]
             for line in lines if re.match(r"(?:final |indirect )*(?:struct|class|enum|actor|protocol|typealias) \w+", line)}
    counts[module] = names
    text = "".join(line + "\n" for line in lines)
    file = folder / f"{module}.txt"
    if "--write" in sys.argv:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text) if lines else file.unlink(missing_ok=True)
    if len(sys.argv) > 1:
        continue
    committed = file.read_text().splitlines() if file.exists() else []
    for line in sorted(set(committed) - set(lines)):
        print(f"{module}: - {line}")
    for line in sorted(set(lines) - set(committed)):
        print(f"{module}: + {line}")
if len(sys.argv) == 1:
    for file in folder.glob("*.txt"):
        if file.stem not in counts:
            print(f"{file.name}: there is no such module")
if "--names" in sys.argv:
    umbrella = re.findall(r"import (\w+)", (root / "Sources/TaskFlowWebhooks/Exports.swift").read_text())
    for module, names in counts.items():
        print(module, len(names), " ".join(sorted(names)))
    print("through `import TaskFlowWebhooks`:", len(set().union(*(counts[module] for module in umbrella))))
