"""Validates every form of export of a gateway with openapi-spec-validator, and its imports.

usage: validate_exports.py URL DESCRIPTION...

URL is a local gateway's; each DESCRIPTION is an OpenAPI document that is validated, too. Prints a line per document.
"""
import json
import sys

import requests
import yaml
from openapi_spec_validator import validate

BASE = "/v2/p0/apigw/instances/local/"
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
AWKWARD = ["yes", "no", "1e3", "0x1F", "12:30", "~", "2026-01-01", "=", "<<", "1_000", "- a", "a: b", "#", "'", '"', "\\",
           "中文", "🎉", " blank ", "line\nline\n", "\ttab", "null", "true", "NaN", "inf", "!tag", "&a", "*a", "{a}", "%", "@", "`", "|"]

PARAMETERS = [
    {"name": "id", "location": "PATH", "type": "STRING", "required": 1, "regular": "^[0-9]+$"},
    {"name": "id", "location": "QUERY", "type": "NUMBER", "required": 2, "default_value": "5", "min_num": 1, "max_num": 9},
    {"name": "X-Trace", "location": "HEADER", "type": "STRING", "required": 1, "sample_value": "on", "max_size": 36},
]
CONDITIONS = [{"condition_origin": "source", "condition_value": "10.0.0.0/8"}]
BACKENDS = [
    {"backend_type": "MOCK", "mock_info": {"result_content": "{}"},
     "policy_mocks": [{"name": "p", "effect_mode": "ALL", "conditions": CONDITIONS, "result_content": "no"}]},
    {"backend_type": "HTTP", "backend_api": {"url_domain": "b.example", "req_uri": "/", "timeout": 5000},
     "backend_params": [{"name": "v", "location": "HEADER", "origin": "CONSTANT", "value": "007"}]},
    {"backend_type": "FUNCTION", "func_info": {
        "function_urn": "urn:fss:a:b:function:default:f", "invocation_type": "sync", "network_type": "V2",
        "timeout": 5000}},
]


class Gateway:
    def __init__(self, url):
        self.url, self.session = url, requests.Session()
        self.session.headers["X-Auth-Token"] = "local-token"

    def call(self, method, path, expected, **arguments):
        answer = self.session.request(method, self.url + BASE + path, timeout=60, **arguments)
        assert answer.status_code == expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def make_group(self):
        group = self.call("POST", "api-groups", 201, json={"name": "3 \"awkward\" APIs: 中文 🎉", "remark": "yes"}).json()
        for number, text in enumerate(AWKWARD):
            body = {
                "name": f"api {number} {text.strip()}", "type": 1 + number % 2, "req_uri": f"/api/{number}/{{id}}/{{+rest}}",
                "req_protocol": ["HTTP", "HTTPS", "BOTH"][number % 3], "auth_type": ["NONE", "APP", "IAM"][number % 3],
                "req_method": ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ANY"][number % 8],
                "group_id": group["id"], "remark": text, "tags": [text, "t"], "body_remark": text,
                "req_params": PARAMETERS, **BACKENDS[number % 3],
            }
            api = self.call("POST", "apis", 201, json=body).json()
            if number % 2:
                self.call("POST", "apis/action", 201, json={"action": "online", "env_id": RELEASE, "api_id": api["id"]})
        return group["id"]

    def export(self, group, define, form, version):
        body = {"group_id": group, "env_id": RELEASE, "define": define, "type": form}
        return self.call("POST", f"openapi/export?oas_version={version}", 200, json=body).content

    def drop(self, group):
        for api in self.call("GET", f"apis?group_id={group}&limit=500", 200).json()["apis"]:
            self.call("DELETE", f"apis/{api['id']}", 204)
        self.call("DELETE", f"api-groups/{group}", 204)


def main(url, *descriptions):
    gateway = Gateway(url)
    group = gateway.make_group()
    for define in ("spec", "proxy", "all", "dev"):
        for version in ("2.0", "3.0"):
            documents = []
            for form in ("json", "yaml", "yml"):
                content = gateway.export(group, define, form, version)
                # PyYAML reads YAML 1.1, where yes and 1_000 are no texts: it must find what JSON says.
                documents.append(json.loads(content) if form == "json" else yaml.safe_load(content))
                validate(documents[-1])
                print(f"valid {define} {form} {version}")
            for document in documents:
                document["info"].pop("version")
            assert documents[0] == documents[1] == documents[2], f"{define} {version}: JSON and YAML differ"
            assert len(documents[0]["paths"]) == len(AWKWARD) // (1 if define == "dev" else 2)
            report = gateway.call(
                "POST", "openapi/import", 200, data={"is_create_group": "true"}, files={"file_name": content}).json()
            assert not report["failure"] and len(report["success"]) == len(documents[0]["paths"]), report
            gateway.drop(report["group_id"])
    for path in descriptions:
        with open(path, "rb") as file:
            validate(json.load(file))
        print(f"valid {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
