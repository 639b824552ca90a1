"""A local gateway in a process of its own, and how others than ours talk to it."""
import contextlib
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import subprocess
import urllib.request

from measuring import checked, weighed

PATH = "/v2/p/apigw/instances/local"
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"


def seed(bench, apis):
    """A data file with as many APIs, in groups of one size, of 1,000 at most."""
    groups = max(2, -(-apis // 1000))
    file = bench.new_folder("gateway") / "gateway.db"
    lines = ["groups:"]
    for group in range(groups):
        first, last = group * apis // groups + 1, (group + 1) * apis // groups
        if last >= first:
            lines.append(f"- {{ name: 'group-{group + 1}', apis: [{{ name: 'pay-{{{first}..{last}}}' }}] }}")
    text = file.with_name("seed.yaml")
    text.write_text("\n".join(lines) + "\n")
    checked([bench.apig, "local", "seed", text, "--data", file], environment=bench.environment)
    return file


@contextlib.contextmanager
def serving(command, environment):
    """Runs a server for as long as the block; hands out its URL and its process."""
    process = subprocess.Popen(
        [str(word) for word in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        line = process.stdout.readline()
        if "listening on " not in line:
            raise RuntimeError(f"{pathlib.Path(command[0]).name} does not listen: {line}")
        yield line.split("listening on ")[1].strip(), process
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextlib.contextmanager
def local_gateway(bench, file, *options):
    """Hands out its URL, and a folder whose apig.yaml names it `bench`."""
    with serving([bench.apig, "local", "start", "--data", file, *options], bench.environment) as (url, process):
        folder = bench.new_folder("project")
        (folder / "apig.yaml").write_text(
            f"gateways: {{ bench: {{ endpoint: '{url}', project_id: p, instance: local }} }}\n")
        yield Gateway(bench, url, folder, process.pid)


class Gateway:
    def __init__(self, bench, url, folder, process):
        self.bench, self.url, self.folder, self.process = bench, url, folder, process

    def command(self, script, *options):
        """A run of a script's text on this gateway."""
        file = self.folder / "script.lua"
        file.write_text(script)
        return [self.bench.apig, "--gateway", "bench", "--output", "json", "--quiet", *options, file]

    def run(self, script, *options):
        """Weighs such a run; its result is `result`."""
        ended = checked(self.command(script, *options), how=weighed, environment=self.bench.environment, folder=self.folder)
        ended.result = json.loads(ended.output)
        return ended

    def get(self, path):
        request = urllib.request.Request(self.url + PATH + path, headers={"X-Auth-Token": "local-token"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def api_ids(self):
        ids = []
        while True:
            page = self.get(f"/apis?limit=500&offset={len(ids)}")
            ids += [api["id"] for api in page["apis"]]
            if not page["apis"] or len(ids) >= page["total"]:
                return ids

    @property
    def host(self):
        return self.url.removeprefix("http://")

    def signed(self, method, path, query="", body=""):
        """Headers that an official SDK would send. They hold for 15 minutes."""
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {"host": self.host, "x-sdk-date": stamp}
        if body:
            headers["content-type"] = "application/json"
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        digest = hashlib.sha256(body.encode()).hexdigest()
        canonical = f"{method}\n{PATH}{path}/\n{query}\n{lines}\n{names}\n{digest}"
        text = f"SDK-HMAC-SHA256\n{stamp}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(b"local-secret", text.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = f"SDK-HMAC-SHA256 Access=local, SignedHeaders={names}, Signature={signature}"
        return headers


def wrk(bench, url, connections, seconds, headers=None, script=None):
    """Requests a second; every answer must be 2xx."""
    command = [bench.tool("wrk"), "-t", "1", "-c", str(connections), "-d", f"{seconds}s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", script]
    text = checked(command + [url]).output
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk: {text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def signed_publishes(bench, gateway, ids):
    """A script for wrk: publishes one API after the other, each request signed beforehand."""
    lines = ["local requests = {"]
    for api in ids:
        body = json.dumps({"action": "online", "env_id": RELEASE, "api_id": api})
        headers = gateway.signed("POST", "/apis/action", body=body)
        fields = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items())
        lines.append(f"  {{ {{ {fields} }}, {json.dumps(body)} }},")
    lines += [
        "}", "local texts = {}", "function init()",
        f"  for i, r in ipairs(requests) do texts[i] = wrk.format('POST', '{PATH}/apis/action', r[1], r[2]) end",
        "end", "local last = 0", "function request()", "  last = last % #texts + 1", "  return texts[last]", "end"]
    file = bench.new_folder("wrk") / "publish.lua"
    file.write_text("\n".join(lines) + "\n")
    return file
