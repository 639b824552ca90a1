"""Drives a gateway with Huawei's official SDK: every operation that a release needs, on both products.

usage: drive_gateway.py URL [key|temporary|token|password]...

Each product is driven once per way to authenticate. Prints a line per operation; ends with 0 when all of them did what
the documentation says, and every field that it calls mandatory was in the answers.
"""
import json
import pathlib
import sys
import tempfile

import huaweicloudsdkapig.v2 as apig
import huaweicloudsdkroma.v2 as roma
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.formdata import FormFile
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.signer.signer import Signer
import requests

PROJECT = "73d69ae0cfcf460190522d06b60f05ad"
INSTANCE = "eddc4d25480b4cd6b512f270a1b8b341"
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"

# By method of the SDK's clients the model of its answer, and by model the fields that its documentation calls mandatory
# and those that hold other models.
FACTS = json.loads((pathlib.Path(__file__).parent / "mandatory_fields.json").read_text())

PUBLICATION = ["publish_id", "api_id", "env_id", "publish_time", "version_id"]
API = ["id", "name", "type", "req_protocol", "req_method", "req_uri", "auth_type", "backend_type", "group_id"]
GROUP = ["id", "name", "status", "sl_domain", "register_time", "update_time", "on_sell_status"]
ENVIRONMENT = ["id", "name", "create_time"]
VERSION = ["version_id", "version_no", "api_id", "env_id", "env_name", "publish_time", "status"]


def token_credentials(token):
    """The SDK signs only, with credentials of its own classes; these send a token instead."""
    credentials = BasicCredentials("unused", "unused", PROJECT)

    def send_token(request):
        request.header_params["X-Auth-Token"] = token
        Signer.process_request_uri(request)
        return request

    credentials.sign_request = send_token
    return credentials


def password_token(url):
    user = {"name": "local", "password": "local", "domain": {"name": "local"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECT}}}}
    answer = requests.post(url + "/v3/auth/tokens?nocatalog=true", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


def credentials(kind, url):
    if kind == "temporary":
        pair = BasicCredentials("local-temporary", "local-temporary-secret", PROJECT)
        return pair.with_security_token("local-security-token")
    if kind == "token":
        return token_credentials("local-token")
    if kind == "password":
        return token_credentials(password_token(url))
    return BasicCredentials("local", "local-secret", PROJECT)


def client(module, name, url, credentials):
    return getattr(module, name).new_builder().with_credentials(credentials).with_endpoint(url).build()


def need(what, record, fields):
    absent = [field for field in fields if getattr(record, field) is None]
    assert not absent, f"{what}: {absent} are missing"


def check(answer, model, where):
    """Every mandatory field is there, in whatever the answer holds."""
    facts = FACTS["models"].get(model, {})
    for field in facts.get("mandatory", []):
        assert answer.get(field) is not None, f"{where}.{field} is missing"
    for field, inner in facts.get("holds", {}).items():
        held = answer.get(field)
        for index, item in enumerate(held if isinstance(held, list) else [held] if held else []):
            check(item, inner, f"{where}.{field}[{index}]")


def refused(status, code, call):
    try:
        call()
    except ClientRequestException as error:
        assert (error.status_code, error.error_code) == (status, code), f"{error.status_code} {error.error_code}"
        return
    raise AssertionError(f"expected {status} {code}, and it succeeded")


class Drive:
    def __init__(self, module, client, product, kind):
        self.module, self.client, self.product, self.kind = module, client, product, kind
        self.tag = f"{product}_{kind}"

    def call(self, name, /, **fields):
        # Method names are the operations' in lower case with underscores; a request class belongs to each.
        words = "".join(word.capitalize() for word in name.split("_"))
        request = getattr(self.module, words + "Request")(**({"instance_id": INSTANCE} | fields))
        response = getattr(self.client, name)(request)
        if name in FACTS["operations"]:
            check(json.loads(response.raw_content), FACTS["operations"][name], f"{self.product} {name}")
        print(f"ok {self.product} {self.kind} {name}")
        return response

    def body(self, model, /, **fields):
        return getattr(self.module, model)(**fields)

    def run(self):
        m = self.body
        environment = self.call("create_environment_v2", body=m("EnvCreate", name=f"sdk_{self.tag}", remark="r"))
        need("environment", environment, ENVIRONMENT)
        self.call("update_environment_v2", env_id=environment.id, body=m("EnvCreate", name=f"sdk2_{self.tag}"))
        environments = self.call("list_environments_v2", limit=500)
        assert environments.total == len(environments.envs) and environment.id in [e.id for e in environments.envs]

        group = self.call("create_api_group_v2", body=m("ApiGroupCreate", name=f"sdk group {self.tag}"))
        need("group", group, GROUP)
        self.call("update_api_group_v2", group_id=group.id, body=m("ApiGroupCreate", name=f"sdk group2 {self.tag}"))
        need("group", self.call("show_details_of_api_group_v2", group_id=group.id), GROUP)
        groups = self.call("list_api_groups_v2", name=f"sdk group2 {self.tag}", precise_search="name")
        assert [g.id for g in groups.groups] == [group.id]

        apis = [self.create_api(group.id, name) for name in ("sdk-one", "sdk-two", "sdk-http", "sdk-function")]
        ids = [api.id for api in apis]
        need("api", self.call("show_details_of_api_v2", api_id=ids[0]), API)
        updated = self.call("update_api_v2", api_id=ids[0], body=self.api_body(group.id, "sdk-one", remark="changed"))
        assert updated.remark == "changed"
        listed = self.call("list_apis_v2", group_id=group.id)
        assert [api.id for api in listed.apis] == ids and listed.total == 4
        need("listed api", listed.apis[0], API)

        for api in ids:
            self.call("show_details_of_api_v2", api_id=api)

        self.release(group.id, environment.id, ids[:2])
        self.documents(group.id)

        for api in self.call("list_apis_v2", group_id=group.id, limit=500).apis:
            self.call("delete_api_v2", api_id=api.id)
        self.call("delete_api_group_v2", group_id=group.id)
        self.call("delete_environment_v2", env_id=environment.id)

    def api_body(self, group, name, remark=""):
        m = self.body
        parameter = m("ReqParamBase", name="id", type="STRING", location="PATH", required=1)
        condition = m("ApiConditionBase", condition_origin="source", condition_value="10.0.0.0/8")
        backend = {"backend_type": "MOCK", "mock_info": m("ApiMockCreate", result_content=json.dumps({"api": name}))}
        if name.endswith("http"):
            backend = {
                "backend_type": "HTTP",
                "backend_api": m(
                    "BackendApiCreate", url_domain="backend.example", req_protocol="HTTPS", req_method="GET",
                    req_uri="/", timeout=5000),
                "backend_params": [
                    m("BackendParamBase", origin="REQUEST", name="id", location="QUERY", value="id")],
                "policy_https": [
                    m("ApiPolicyHttpCreate", name="canary", effect_mode="ANY", conditions=[condition], timeout=5000)],
            }
        if name.endswith("function"):
            backend = {
                "backend_type": "FUNCTION",
                "func_info": m(
                    "ApiFuncCreate", function_urn="urn:fss:region:project:function:default:f", invocation_type="sync",
                    network_type="V2", timeout=5000, version="latest"),
            }
        return m(
            "ApiCreate", name=name, type=1, req_protocol="HTTPS", req_method="GET", req_uri=f"/{name}/{{id}}",
            auth_type="NONE", group_id=group, remark=remark, tags=["sdk"], req_params=[parameter], **backend)

    def create_api(self, group, name):
        api = self.call("create_api_v2", body=self.api_body(group, name))
        need("api", api, API)
        return api

    def action(self, api, environment, action):
        body = self.body("ApiActionInfo", action=action, env_id=environment, api_id=api, remark="by the SDK")
        return self.call("create_or_delete_publish_record_for_api_v2", body=body)

    def release(self, group, environment, ids):
        first = self.action(ids[0], environment, "online")
        need("publication", first, PUBLICATION)
        second = self.action(ids[0], environment, "online")
        history = self.call("list_api_versions_v2", api_id=ids[0], env_id=environment)
        assert [v.version_id for v in history.api_versions] == [second.version_id, first.version_id]
        assert [v.status for v in history.api_versions] == [1, 2] and history.total == 2
        need("version", history.api_versions[0], VERSION)
        detail = self.call("list_api_version_detail_v2", version_id=first.version_id)
        need("version detail", detail, API + ["version_id"])
        switched = self.call(
            "change_api_version_v2", api_id=ids[0], body=self.body("ApiVersion", version_id=first.version_id))
        need("publication", switched, PUBLICATION)
        assert switched.version_id == first.version_id
        history = self.call("list_api_versions_v2", api_id=ids[0], env_id=environment)
        assert [v.status for v in history.api_versions] == [2, 1]

        batch = self.body("ApiBatchPublish", apis=ids + ["0" * 32], env_id=environment, remark="batch")
        result = self.call("batch_publish_or_offline_api_v2", action="online", body=batch)
        assert [p.api_id for p in result.success] == ids
        assert [(f.api_id, f.error_code) for f in result.failure] == [("0" * 32, "APIG.3002")]
        if hasattr(self.client, "list_api_runtime_definition_v2"):
            need("runtime", self.call("list_api_runtime_definition_v2", api_id=ids[0], env_id=environment), API[:-1])
        debug = self.body("ApiDebugInfo", mode="DEVELOPER", scheme="HTTPS", method="GET", path="/sdk-one/1")
        assert "sdk-one" in self.call("debug_api_v2", api_id=ids[0], body=debug).response
        batch = self.body("ApiBatchPublish", apis=ids, env_id=environment)
        result = self.call("batch_publish_or_offline_api_v2", action="offline", body=batch)
        assert [p.api_id for p in result.success] == ids and not result.failure
        refused(404, "APIG.3015", lambda: self.action(ids[0], environment, "offline"))
        self.action(ids[0], environment, "online")
        if hasattr(self.client, "delete_api_by_version_id_v2"):
            effective = self.call("list_api_versions_v2", api_id=ids[0], env_id=environment).api_versions[0]
            self.call("delete_api_by_version_id_v2", version_id=effective.version_id)
        else:
            self.action(ids[0], environment, "offline")
        refused(404, "APIG.3002", lambda: self.action("0" * 32, environment, "online"))
        refused(404, "APIG.3003", lambda: self.action(ids[0], "0" * 32, "online"))
        refused(400, "APIG.2011", lambda: self.action(ids[0], environment, "sideways"))

    def documents(self, group):
        for form in ("json", "yaml"):
            body = self.body("ExportOpenApiReq", env_id=RELEASE, group_id=group, define="dev", type=form, version="1")
            text = self.call("export_api_definitions_v2", body=body)
            chunks = []
            text.consume_download_stream(lambda stream: chunks.append(stream.content))
            content = b"".join(chunks)
            assert b"sdk-one" in content and b"sdk-two" in content, content
            with tempfile.NamedTemporaryFile(suffix="." + form) as file:
                file.write(content)
                file.flush()
                form_file = FormFile(open(file.name, "rb"))
                report = self.call(
                    "import_api_definitions_v2",
                    body=self.body(
                        "ImportApiDefinitionsV2RequestBody", is_create_group=False, group_id=group,
                        file_name=form_file))
                assert len(report.success) == 4 and not report.failure, report


def drive(url, kind):
    apigw = Drive(apig, client(apig, "ApigClient", url, credentials(kind, url)), "apigw", kind)
    need("gateway", apigw.call("list_instances_v2", instance_id=None).instances[0], ["id", "instance_name", "status"])
    apigw.call("show_details_of_instance_v2")
    apigw.run()
    apic = Drive(roma, client(roma, "RomaClient", url, credentials(kind, url)), "apic", kind)
    gateways = apic.client.check_roma_instance_list_v2(roma.CheckRomaInstanceListV2Request())
    assert gateways.instances[0].name == "local"
    apic.run()


def refuse(url):
    wrong = {
        "wrong signature": BasicCredentials("local", "wrong", PROJECT),
        "unknown key": BasicCredentials("nobody", "local-secret", PROJECT),
        "wrong token": token_credentials("nobody's"),
    }
    for module, name in ((apig, "ApigClient"), (roma, "RomaClient")):
        request = module.ListEnvironmentsV2Request(instance_id=INSTANCE)
        for what, pair in wrong.items():
            refused(401, "APIG.1002", lambda: client(module, name, url, pair).list_environments_v2(request))
            print(f"ok {name} {what} refused")


def main(url, *kinds):
    for kind in kinds or ("key", "temporary", "token", "password"):
        drive(url, kind)
    refuse(url)


if __name__ == "__main__":
    main(*sys.argv[1:])
