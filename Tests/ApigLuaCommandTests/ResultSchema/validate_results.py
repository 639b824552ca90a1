"""Validates documents against a JSON Schema: SCHEMA DOCUMENT..."""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        errors = list(validator.iter_errors(json.load(file)))
    for error in errors:
        print(f"{name}: {error.json_path}: {error.message}", file=sys.stderr)
    if errors:
        sys.exit(1)
    print(f"valid {name}")
