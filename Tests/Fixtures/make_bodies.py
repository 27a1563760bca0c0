"""Writes event-bodies.jsonl: valid and invalid event bodies for all readers (`Envelope.decode`, the SQL functions and
`tfhook verify --decode`).

One body per line: {"name", "body" (or "body_b64"), "decodes"}. The expectations follow RFC 8259, RFC 3339, JSON Schema
2020-12 (whole numbers), the published schemas, and Docs/Decisions for our own limits.

    python3 make_bodies.py > event-bodies.jsonl
"""
import base64
import json

TIME = "2024-02-10T16:45:22Z"
HUGE = 2**1024 - 2**970


def emit(name, decodes, body):
    body = body.encode() if isinstance(body, str) else body
    try:
        given = {"body": body.decode()}
    except UnicodeDecodeError:
        given = {"body_b64": base64.b64encode(body).decode()}
    print(json.dumps({"name": name, **given, "decodes": decodes}, ensure_ascii=False))


def event(id='"evt_1"', type='"a.b"', timestamp=f'"{TIME}"', data="{}", account='"acc_1"', metadata="", more=""):
    metadata = f'"account_id":{account}' + ("," + metadata if metadata else "")
    return f'{{"id":{id},"type":{type},"timestamp":{timestamp},"data":{data},"metadata":{{{metadata}}}{more}}}'


def nested(levels, inner="1"):
    return '{"a":' * levels + inner + "}" * levels


# --- The document -----------------------------------------------------------------------------------------------------
emit("an event", True, event())
emit("white space everywhere", True, event().replace(":", " :\t").replace(",", "\r\n,").replace(f"{TIME}".replace(":", " :\t"), TIME) + "\n")
for name, body in [
    ("nothing", ""), ("null", "null"), ("an array", f"[{event()}]"), ("two documents", event() * 2), ("a byte order mark", "\ufeff" + event()),
    ("a comma at the end", event(data='{"a":1,}')), ("a comment", event(data="{/**/}")), ("single quotes", event(data="{'a':1}")),
    ("NaN", event(data='{"a":NaN}')), ("a leading zero", event(data='{"a":01}')), ("a plus sign", event(data='{"a":+1}')), ("a bare point", event(data='{"a":1.}')),
    ("a raw control character", event(data='{"a":"\t"}')), ("a lone surrogate", event(data='{"a":"\\ud800"}')), ("surrogates in the wrong order", event(data='{"a":"\\udc00\\ud800"}')),
    ("an unknown escape", event(data='{"a":"\\x41"}')), ("65 levels", event(data=nested(64))), ("65 levels of arrays", event(data='{"a":' + "[" * 63 + "]" * 63 + "}")),
    ("a name twice", event(data='{"a":1,"a":2}')), ("a name twice, once escaped", event(data='{"a":1,"\\u0061":2}')), ("a name twice, deep inside", event(data='{"x":[{"b":{"c":1,"c":1}}]}')),
    ("metadata twice", event(more=',"metadata":{"account_id":"acc_2"}')), ("an unclosed string", event()[:-3]), ("a NUL outside strings", event() + "\0"),
    ("a raw NUL in a string", event(data='{"a":"\0"}')),
]:
    emit(name, False, body)
for name, body in [("a bad byte", b"\xff"), ("an overlong slash", b"\xc0\xaf"), ("a surrogate in UTF-8", b"\xed\xa0\x80"), ("beyond Unicode", b"\xf4\x90\x80\x80")]:
    emit(name, False, event(data='{"a":"?"}').encode().replace(b"?", body))
for name, data in [
    ("64 levels", nested(63)), ("a pair of surrogates", '{"a":"\\ud83d\\ude00"}'), ("a noncharacter", '{"a":"\\uffff"}'), ("NUL as an escape", '{"a":"x\\u0000y"}'),
    ("NUL as an escape in a name", '{"a\\u0000":1}'), ("a backslash before u0000", '{"a":"\\\\u0000"}'), ("names that differ by NUL", '{"a\\u0000":1,"a":2}'),
    ("names that differ by NUL and a noncharacter", '{"a\\u0000":1,"a\\uffff":2,"a\\uFFfF0":3,"a\uffff1":4}'), ("names in two normal forms", '{"é":1,"e\u0301":2}'), ("an empty name", '{"":1}'), ("text that looks like a name twice", '{"a":"\\"b\\":1,\\"b\\":2","b":"x:"}'),
    ("delete as it is", '{"a":"\x7f"}'), ("an array of everything", '{"a":[1,-0,0.5,1e3,true,false,null,"",[],{}]}'),
]:
    emit(name, True, event(data=data))

# --- Numbers ----------------------------------------------------------------------------------------------------------
for text, decodes in [
    ("1e400", False), ("-1e309", False), ("1.7976931348623157e308", True), ("1.7976931348623158e308", True), ("1.7976931348623159e308", False),
    (str(HUGE - 1), True), (str(HUGE), False), ("-" + str(HUGE), False), ("1" + "0" * 308, True), ("1" + "0" * 309, False), ("0.0000001e315", True),
    ("0e999", True), ("1e-400", True), ("4.9e-324", True), ("123456789012345678901234567890", True), ("-0", True), ("-0.0e-0", True), ("1E+2", True),
]:
    emit(f"the number {text[:24]}{'…' if len(text) > 24 else ''} of {len(text)} characters", decodes, event(data=f'{{"n":{text}}}'))
for text, decodes in [
    ("0", True), ("5", True), ("5.0", True), ("1e2", True), ("0.5e1", True), ("-0", True), ("9223372036854775807", True), ("9.223372036854775807e18", True), ("null", True),
    ("-1", False), ("-5", False), ("1.5", False), ("15e-1", False), ("9223372036854775808", False), ("1e19", False), ('"5"', False), ("true", False), ("[]", False), ("{}", False),
]:
    emit(f"sequence {text}", decodes, event(metadata=f'"sequence":{text}'))

# --- The time ---------------------------------------------------------------------------------------------------------
for text, decodes in [
    (TIME, True), ("2024-02-10t16:45:22z", True), ("2024-02-10T16:45:22.5Z", True), ("2024-02-10T16:45:22.12345678901234567890Z", True), ("2024-02-10T16:45:22+01:00", True),
    ("2024-02-10T16:45:22-00:00", True), ("2024-02-10T16:45:22+23:59", True), ("2024-02-10T16:45:22-23:59", True), ("2024-02-29T00:00:00Z", True), ("2000-02-29T00:00:00Z", True),
    ("0000-02-29T00:00:00Z", True), ("0001-01-01T00:00:00+01:00", True), ("9999-12-31T23:59:59-01:00", True), ("2016-12-31T23:59:60Z", True), ("2024-06-30T23:59:60Z", True),
    ("2024-07-01T00:59:60+01:00", True), ("2024-02-29T18:29:60.5-05:30", True),
    ("2024-06-15T12:30:60Z", False), ("2024-06-30T23:59:60+01:00", False), ("2024-06-29T23:59:60Z", False), ("2024-06-30T22:59:60Z", False), ("2024-02-10T24:00:00Z", False),
    ("2024-02-10T23:60:00Z", False), ("2024-02-10T23:59:61Z", False), ("2023-02-29T00:00:00Z", False), ("1900-02-29T00:00:00Z", False), ("2024-04-31T00:00:00Z", False), ("2024-13-01T00:00:00Z", False),
    ("2024-00-10T00:00:00Z", False), ("2024-02-00T00:00:00Z", False), ("2024-02-10T16:45:22", False), ("2024-02-10 16:45:22Z", False), ("2024-02-10T16:45Z", False), ("2024-02-10T16:45:22+0100", False),
    ("2024-02-10T16:45:22+01", False), ("2024-02-10T16:45:22+24:00", False), ("2024-02-10T16:45:22+01:60", False), ("2024-02-10T16:45:22.Z", False), ("2024-02-10T16:45:22,5Z", False), ("20240210T164522Z", False),
    ("2024-2-10T16:45:22Z", False), ("12024-02-10T16:45:22Z", False), ("+2024-02-10T16:45:22Z", False), (" 2024-02-10T16:45:22Z", False), ("2024-02-10T16:45:22Z ", False), ("2024-02-10T16:45:22Z\\n", False),
    ("tomorrow", False), ("now", False), ("infinity", False), ("1707583522", False), ("", False), ("２０２４-02-10T16:45:22Z", False), ("2024-02-10T16:45:22 UTC", False), ("0044-03-15 BC", False),
]:
    emit(f"the time {text or 'empty'}", decodes, event(timestamp=f'"{text}"'))
emit("the time with an escape in it", True, event(timestamp='"2024-02-10\\u005416:45:22Z"'))
for text in ["null", "1707583522", "[]"]:
    emit(f"the time {text} that is no text", False, event(timestamp=text))

# --- Names ------------------------------------------------------------------------------------------------------------
for text, decodes in [
    ("x", True), ("e" * 64, True), ("aZ0-_:~@+=", True), ("e" * 65, False), ("", False), ("a b", False), ("a.b", False), ("é", False), ("a\\n", False), ("a\\u0000", False), ("a/b", False), ("a\\u0062", True),
]:
    emit(f"the id {text[:12] or 'empty'} of {len(text)}", decodes, event(id=f'"{text}"'))
    emit(f"the account {text[:12] or 'empty'} of {len(text)}", decodes, event(account=f'"{text}"'))
for text, decodes in [
    ("a", True), ("task.archived", True), ("a_1.b_2.c", True), ("t" * 64, True), ("t" * 65, False), ("", False), ("Task.created", False), ("a..b", False), (".a", False), ("a.", False), ("a-b", False), ("a b", False),
    ("é", False), ("a\\n", False), ("a*", False),
]:
    emit(f"the type {text[:14] or 'empty'} of {len(text)}", decodes, event(type=f'"{text}"'))
for member in ["id", "type", "account"]:
    for text in ["null", "7", "true", "[]", "{}"]:
        emit(f"{member} {text}", False, event(**{member: text}))
for text, decodes in [
    ("k" * 256, True), ("k" * 257, False), ("é" * 128, True), ("é" * 129, False), ("a\\u0000b", False), ("\\uffff", True), ("a\\\\u0000b", True), ("", True),
]:
    emit(f"the ordering key {text[:10] or 'empty'} of {len(text)}", decodes, event(metadata=f'"ordering_key":"{text}"'))
emit("an ordering key of a noncharacter beside a NUL elsewhere", True, event(metadata='"ordering_key":"\\uffff","source":"a\\u0000"'))
emit("an ordering key of 256 bytes with noncharacters beside a NUL elsewhere", True, event(metadata=f'"ordering_key":"{"k" * 250}\\uffff\\uffff","source":"a\\u0000"'))
emit("an ordering key with NUL behind a noncharacter", False, event(metadata='"ordering_key":"\\uffff\\u0000"'))
emit("an ordering key beside a NUL elsewhere", True, event(metadata='"ordering_key":"k","source":"a\\u0000"'))
for member in ["triggered_by", "schema_version", "ordering_key", "source", "request_id", "causation_id"]:
    for text, decodes in [('"x"', True), ("null", True), ('""', True), ("5", False), ("true", False), ("[]", False), ("{}", False)]:
        emit(f"{member} {text}", decodes, event(metadata=f'"{member}":{text}'))
for text in ["null", "[]", '"acc_1"', "{}"]:
    emit(f"metadata {text}", False, event().replace('{"account_id":"acc_1"}', text))
for text in ["null", "[]", '"x"', "1", "true"]:
    emit(f"data {text}", False, event(data=text))
for member in ["id", "type", "timestamp", "data", "metadata"]:
    document = json.loads(event())
    del document[member]
    emit(f"no {member}", False, json.dumps(document))
emit("members of a later version", True, event(metadata='"later":{"a":[]}', more=',"later":1'))
emit("a name that is escaped", True, event().replace('"id"', '"\\u0069d"'))

# --- The data of documented types -------------------------------------------------------------------------------------
TASK = {"id": "task_1", "title": "T", "status": "open", "priority": "low"}
REFERENCE = dict(TASK)
ASSIGNEE = {"id": "user_1", "type": "user", "name": "N"}
RECORD = {"assignee_id": "user_1", "assigned_at": TIME, "reason": "manual"}
FULL = TASK | {
    "description": None, "project": {"id": "p", "name": "P"}, "parent_task_id": None, "labels": ["a"], "assignee_id": "u", "created_by": "u", "due_at": TIME, "estimate_minutes": 5,
    "completed_at": TIME, "completed_by": "u", "created_at": TIME, "updated_at": TIME, "version": 1, "url": "https://a.example/", "custom_fields": {"a": [1]},
}
DATA = {
    "task.created": FULL, "task.updated": FULL | {"changed_fields": ["title"], "changes": {"title": {"from": "S", "to": "T"}, "labels": {"from": [], "to": ["a"], "added": ["a"], "removed": []}}},
    "task.completed": FULL | {"previous_status": "open", "completed_on_time": True, "cycle_time_seconds": 5},
    "task.assigned": FULL | {"assignee": ASSIGNEE | {"email": None, "avatar_url": "x", "timezone": "UTC"}, "previous_assignee": ASSIGNEE, "assigned_by": "u", "assigned_at": TIME, "reason": "manual",
                             "assignment_history": [RECORD | {"assignee_name": "N", "assigned_by": None, "unassigned_at": TIME}], "assignment_history_total": 1},
    "task.deleted": {"id": "task_1", "deleted": True, "title": "T", "deleted_at": TIME, "deleted_by": "u", "last_known": FULL,
                     "deletion": {"mode": "soft", "reason": "user", "merged_into_task_id": "t", "restorable_until": TIME, "parent_deleted": False,
                                  "cascade": {"subtask_ids": ["t"], "comment_count": 0, "attachment_count": 0}}},
    "comment.created": {"id": "c", "body": "b", "body_format": "markdown", "author": ASSIGNEE, "parent_comment_id": "c", "mentions": ["u"], "created_at": TIME, "edited_at": TIME, "url": "u", "task": REFERENCE | {"assignee_id": "u", "url": "u"},
                        "attachments": [{"id": "f", "name": "n", "content_type": "t", "size_bytes": 0}]},
    "workflow.triggered": {"id": "w", "name": "n", "version": 1, "url": "u", "inputs": {}, "task": REFERENCE, "actions": [{"id": "s", "type": "t", "position": 1, "status": "pending"}],
                           "run": {"id": "r", "status": "running", "started_at": TIME, "attempt": 1, "depth": 1, "trigger": {"kind": "event", "event_id": "e", "event_type": "t", "rule": "r"}}},
}
# The required members; all others may be null or absent. `*` means every element.
REQUIRED = {
    "task": ["id", "title", "status", "priority", "project.id", "project.name"],
    "task.assigned": ["assigned_at", "reason", "assignee.id", "assignee.type", "assignee.name", "previous_assignee.id", "previous_assignee.type", "previous_assignee.name", "assignment_history.*.assignee_id", "assignment_history.*.assigned_at", "assignment_history.*.reason"],
    "task.deleted": ["id", "deleted_at", "deletion", "deletion.mode", "deletion.reason", "last_known.id", "last_known.title", "last_known.status", "last_known.priority", "last_known.project.id", "last_known.project.name"],
    "comment.created": ["id", "body", "author", "author.id", "author.type", "author.name", "created_at", "task", "task.id", "task.title", "task.status", "task.priority", "attachments.*.id", "attachments.*.name", "attachments.*.content_type", "attachments.*.size_bytes"],
    "workflow.triggered": ["id", "name", "run", "run.id", "run.status", "run.started_at", "run.trigger", "run.trigger.kind", "task.id", "task.title", "task.status", "task.priority", "actions.*.id", "actions.*.type", "actions.*.position", "actions.*.status"],
}
POSITIVE = {"version", "position", "attempt", "depth"}
# Members that may have any value, which is kept unchanged.
FREE = {"custom_fields.a", "inputs", "changed_fields", "deleted"}


def paths(value, path=()):
    for name, child in (value.items() if isinstance(value, dict) else enumerate(value)):
        yield path + (name,), child
        if isinstance(child, (dict, list)):
            yield from paths(child, path + (name,))


def changed(data, path, value, remove=False):
    copy = json.loads(json.dumps(data))
    place = copy
    for step in path[:-1]:
        place = place[step]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


def is_right(member, value, new):
    """Returns whether a reader accepts a new value for a member, given its old value."""
    if value is None or isinstance(value, str) and value != TIME:
        return isinstance(new, str)
    if value == TIME:
        return False
    if isinstance(value, bool):
        return isinstance(new, bool)
    if isinstance(value, int):
        return isinstance(new, int) and not isinstance(new, bool) and new >= (1 if member in POSITIVE else 0)
    if isinstance(value, list):
        return new == []
    # An empty object is valid if all of its members are optional.
    return new == {} and member in {"custom_fields", "inputs", "changes", "title", "labels", "cascade"}


for type, data in DATA.items():
    emit(f"{type}, every member", True, event(type=f'"{type}"', data=json.dumps(data)))
    emit(f"{type}, no member", False, event(type=f'"{type}"'))
    required = set(REQUIRED.get(type, [])) | (set(REQUIRED["task"]) if type.startswith("task.") and type != "task.deleted" else set())
    for path, value in paths(data):
        # The members of the task are tested with task.created only.
        if type != "task.created" and path[0] in FULL and data[path[0]] == FULL[path[0]] and type.startswith("task.") or path[:1] == ("last_known",) and len(path) > 2:
            continue
        # The required members, and the tested one.
        base = {name: member for name, member in data.items() if name in required or name == path[0]}
        text = ".".join("*" if isinstance(step, int) else step for step in path)
        is_free = any(f"{text}.".startswith(f"{free}.") for free in FREE) and text != "inputs" or path[0] == "changes" and len(path) > 2
        is_change = path[0] == "changes" and len(path) == 2
        is_needed = text in required or not isinstance(path[-1], str) or is_change
        name = f"{type} with {text}"
        if isinstance(path[-1], str):
            emit(f"{type} without {text}", not is_needed or is_change, event(type=f'"{type}"', data=json.dumps(changed(base, path, None, remove=True))))
        emit(f"{name} null", is_free or not is_needed, event(type=f'"{type}"', data=json.dumps(changed(base, path, None))))
        for new in ["x", 5, 1.5, -1, 0, True, [], {}, [None], "2024-02-30T00:00:00Z"]:
            if isinstance(new, (int, float)) and new not in (5, True) and not isinstance(value, int):
                continue
            emit(f"{name} {json.dumps(new)}", is_free or is_right(path[-1], value, new), event(type=f'"{type}"', data=json.dumps(changed(base, path, new))))
