"""Validates Docs/Reference with independent validators: PyPI's jsonschema and openapi-spec-validator.

The schemas are open for receivers. This script closes them first, to find members and values that only the encoder or only
the schema knows. Every committed example and every event of the demo's story must pass.
"""
import copy
import json
import pathlib
import sys

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate as validate_openapi

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "Docs" / "Reference"


def closed(schema):
    """Returns the schema without other members and other values."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: closed(value) for name, value in schema.items()}
    if "properties" in schema:
        schema["additionalProperties"] = False
    if "x-known-values" in schema:
        null = [None] if "null" in schema["type"] else []
        schema["enum"] = schema["x-known-values"] + null
    return schema


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(document, reference):
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


validators = {}
for file in sorted((REFERENCE / "schemas").glob("*.json")):
    schema = json.loads(file.read_text())
    Draft202012Validator.check_schema(schema)
    validators[file.stem] = Draft202012Validator(closed(schema), format_checker=FormatChecker())
assert len(validators) == 7, sorted(validators)

events = [json.loads(file.read_text()) for file in sorted((REFERENCE / "examples").glob("*.json"))]
events += [json.loads(line) for line in (ROOT / "Examples/Demo/story.jsonl").read_text().splitlines()]
documented = ROOT / "Tests/WebhookPayloadTests/Fixtures/documented-events.jsonl"
events += [json.loads(line) for line in documented.read_text().splitlines()]
failures = 0
for event in events:
    for error in validators[event["type"]].iter_errors(event):
        failures += 1
        print(f"{event['id']} {error.json_path}: {error.message}", file=sys.stderr)

# A validator that accepts everything would prove nothing, so each of these mistakes must be rejected.
noticed = 0
for event in events[:7]:
    for spoil in [
        lambda e: e.pop("id"), lambda e: e.update(extra=1), lambda e: e["data"].pop("id"),
        lambda e: e.update(timestamp="yesterday"), lambda e: e["metadata"].update(account_id=7),
        lambda e: e.update(type="task.other"),
    ]:
        spoiled = copy.deepcopy(event)
        spoil(spoiled)
        noticed += not validators[event["type"]].is_valid(spoiled)
assert noticed == 7 * 6, f"only {noticed} of 42 invalid events were rejected"

openapi = json.loads((REFERENCE / "openapi.json").read_text())
validate_openapi(openapi)
asyncapi = json.loads((REFERENCE / "asyncapi.json").read_text())
for document in (openapi, asyncapi):
    for reference in references(document):
        resolve(document, reference)
assert asyncapi["asyncapi"] == "3.0.0" and asyncapi["operations"]["sendWebhook"]["action"] == "send"
assert set(openapi["webhooks"]) == set(asyncapi["components"]["messages"]) == set(validators)

print(f"{len(events)} events validated against 7 closed schemas, {noticed} invalid ones rejected, OpenAPI and AsyncAPI consistent")
sys.exit(failures > 0)
