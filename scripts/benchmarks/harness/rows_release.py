"""Releases: against the official SDK, against the least possible, and how cost grows."""
import os
import shutil
import signal
import subprocess
import time

from bench import PEERS
from gateway import local_gateway, seed
from measuring import Curve, LeftOut, Row, Target, checked, figures, in_turn, ratios, run
from registry import measure

SINGLE = ["--no-join", "--concurrency", "32"]
# Publishes every API `rounds` times, 32 at once unless told; keeps no result.
PUBLISH = """
local apis = {}
for _, api in ipairs(apig.apis()) do apis[#apis + 1] = api end
local left = %(count)d
while left > 0 do
  apig.each(apis, { concurrency = %(concurrency)d }, function(api)
    if left == 0 then return end
    left = left - 1
    apig.publish { api = api, env = "RELEASE" }
  end)
end
"""


def _publish(count, concurrency=32):
    return PUBLISH % {"count": count, "concurrency": concurrency}


def _published(gateway, count, *options, concurrency=32):
    """A run that must have published them all."""
    ended = gateway.run(_publish(count, concurrency), *options)
    if ended.result["exit"] != 0 or ended.result["summary"]["failed"] != 0:
        raise RuntimeError(f"the release failed: {ended.result['error']}")
    return ended


@measure("publish")
def publish(bench):
    sdk = bench.sdk
    count = bench.size(2000, 500)
    ours, theirs = [], []
    for _ in range(bench.rounds(5)):
        # Each gets APIs that were never published.
        with local_gateway(bench, seed(bench, count)) as gateway:
            ours.append(_published(gateway, count, *SINGLE))
        with local_gateway(bench, seed(bench, count)) as gateway:
            theirs.append(figures([sdk, PEERS / "sdk_publish.py", gateway.url, 16, count]))
    rate = {"apig-lua": [count / ended.wall for ended in ours],
            "official SDK, 16 threads": [count / found["seconds"] for found in theirs]}
    processor = {"apig-lua": [ended.processor * 1e6 / count for ended in ours],
                 "official SDK": [found["processor"] * 1e6 / count for found in theirs]}
    note = "apig-lua: the whole process, with start, listing, journal; the SDK: its publishes alone"
    return [
        Row(f"publish {count:,} APIs one by one, 32 in flight", "APIs/s", rate,
            [Target("of the SDK", ratios(*rate.values()), 10, at_most=False)], [note]),
        Row("processor time of each", "µs", processor, [Target("of the SDK", ratios(*processor.values()), 0.1)], [note])]


@measure("joining")
def joining(bench):
    count, pages, batches = 2000, 4, 2
    fresh, again = [], []
    for _ in range(bench.rounds(3, 1)):
        with local_gateway(bench, seed(bench, count)) as gateway:
            for requests in fresh, again:
                ended = _published(gateway, count, "--rate", "50/s", concurrency=count)
                requests.append(ended.result["requests"])
    least = [pages + batches] * len(fresh)
    return [
        Row("requests of the same, joined, under 50 requests/s", "requests", {"apig-lua": fresh, "least": least},
            [Target("more than the least", [a - b for a, b in zip(fresh, least)], 1, "requests")]),
        Row("the same where all are published already", "requests", {"apig-lua": again, "least": least}, [],
            ["what each API runs is read before it is changed, so that it can be put back"])]


@measure("share")
def share(bench):
    count = bench.size(2000, 250)
    with local_gateway(bench, seed(bench, count)) as gateway:
        ended = [_published(gateway, count, "--rate", "50/s", *SINGLE) for _ in range(bench.rounds(1, 1))]
    used = [100 * one.processor / one.wall for one in ended]
    return Row(f"the engine's part of a release of {count:,} APIs at 50 requests/s", "% of a core", {"apig-lua": used},
               [Target("of one core", used, 5, "%")])


@measure("operations")
def operations(bench):
    """One run each of 10 to 100,000 publishes."""
    time_, memory, processor = [], [], []
    with local_gateway(bench, seed(bench, 1000)) as gateway:
        _published(gateway, 1000, *SINGLE)
        for count in (10, 100, 1000, 10_000) + (() if bench.is_quick else (100_000,)):
            ended = _published(gateway, count, *SINGLE)
            time_.append((count, ended.wall))
            processor.append((count, ended.processor))
            memory.append((count, ended.resident / 1e6))
    last = dict(memory)
    most = max(last)
    return [
        Row(f"memory over {most:,} operations in one run", "MB",
            {f"after {size:,}": [last[size]] for size in (1000, most)},
            [Target("the most resident", [last[most]], 120, "MB"),
             Target("of that after 1,000", [last[most] / last[1000]], 1.1)]),
        Curve("Operations in one run: time", "operations", "s", {"wall": time_, "processor": processor}),
        Curve("Operations in one run: memory", "operations", "MB, most resident", {"apig-lua": memory})]


@measure("resume")
def resume(bench):
    """A run with 100,000 entries is killed while it waits for its last operation."""
    count = bench.size(50_000, 5_000)
    samples, reading = [], []
    with local_gateway(bench, seed(bench, 1000)) as gateway:
        script = _publish(count) + "\nreturn #apig.groups()\n"
        command = gateway.command(script, *SINGLE)
        journals = bench.folder / "home/.local/state/apig-lua"
        shutil.rmtree(journals, ignore_errors=True)
        checked([bench.apig, "local", "fault", "--url", gateway.url, "groups: latency=600s"],
                environment=bench.environment)
        child = subprocess.Popen([str(word) for word in command], env=bench.environment, cwd=gateway.folder,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for_last(bench, gateway, child)
        child.send_signal(signal.SIGKILL)
        child.wait()
        checked([bench.apig, "local", "fault", "--url", gateway.url, "--clear"], environment=bench.environment)
        for _ in range(bench.rounds(3)):
            copy = bench.new_folder("journals")
            shutil.copytree(journals, copy, dirs_exist_ok=True)
            began = time.perf_counter()
            for file in journals.glob("*"):
                file.read_bytes()
            reading.append(time.perf_counter() - began)
            ended = run([bench.apig, "resume", "last", "--yes", "--quiet", "--output", "json"],
                        environment=bench.environment, folder=gateway.folder)
            if ended.status != 0:
                raise RuntimeError(f"resume ended with {ended.status}:\n{ended.output[-2000:]}")
            samples.append(ended.wall)
            shutil.rmtree(journals)
            shutil.copytree(copy, journals)
    return Row(f"resume of a run with {2 * count:,} entries", "s", {"apig-lua": samples, "reading the file": reading},
               [Target("start to end", samples, 3, "s")])


def _wait_for_last(bench, gateway, child):
    """Returns when the gateway has been asked for the last operation."""
    while child.poll() is None:
        listed = checked([bench.apig, "local", "fault", "--url", gateway.url, "--list"], environment=bench.environment)
        if any(line.split()[0].isdigit() and int(line.split()[0]) > 0 for line in listed.output.splitlines() if line):
            return
        time.sleep(0.5)
    raise RuntimeError("the run ended before it could be cut off")
