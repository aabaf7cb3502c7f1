#!/usr/bin/env python3
"""described.py OPENAPI PATH [METHOD]: is the answer on stdin what OPENAPI says of PATH? Strictly: a member that is not described, or that is lacking, is a fault."""
import datetime
import json
import sys

faults = []
api = json.load(open(sys.argv[1], encoding="utf-8"))
path, method = sys.argv[2], (sys.argv[3] if len(sys.argv) > 3 else "get")
kinds = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}


def resolve(schema):
    while "$ref" in schema:
        found = api
        for part in schema["$ref"].split("/")[1:]:
            found = found[part]
        schema = found
    return schema


def check_text(value, schema, where):
    try:
        if schema.get("format") == "date-time":
            datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        elif schema.get("format") == "date":
            datetime.date.fromisoformat(value)
    except ValueError:
        faults.append(f"{where}: {value!r} is no {schema['format']}")


def check_object(value, schema, where):
    described, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name in schema.get("required", []):
        if name not in value:
            faults.append(f"{where}.{name}: is required, and lacking")
    for name, member in value.items():
        if name in described or isinstance(others, dict):
            check(member, described.get(name, others), f"{where}.{name}")
        else:
            faults.append(f"{where}.{name}: is not described")


def check(value, schema, where):
    schema = resolve(schema)
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{where}: {value!r} is none of {schema['enum']}")
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if "enum" not in schema and not any(kinds[kind](value) for kind in wanted):
        faults.append(f"{where}: {value!r} is no {' or '.join(wanted) or 'thing that is described'}")
    if isinstance(value, dict):
        check_object(value, schema, where)
    if isinstance(value, list):
        for i, item in enumerate(value):
            check(item, schema.get("items", {}), f"{where}[{i}]")
    if isinstance(value, str):
        check_text(value, schema, where)


answer = resolve(api["paths"][path][method]["responses"]["200"])
check(json.load(sys.stdin), answer["content"]["application/json"]["schema"], path)
print("\n".join(faults[:20]))
sys.exit(1 if faults else 0)
