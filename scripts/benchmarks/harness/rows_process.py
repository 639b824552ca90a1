"""Whole processes: computing under limits, start-up, checking."""
import pathlib
import shutil
import subprocess

from bench import ROOT
from measuring import LeftOut, Row, Target, checked, in_turn, ratios, run
from registry import measure

WORKLOADS = pathlib.Path(__file__).resolve().parents[1] / "workloads"
LIMITS = ["--quiet", "--max-cpu", "600s", "--max-memory", "1GiB", "--deadline", "1200s", "--max-calls", "1000"]


@measure("lua")
def lua(bench):
    stock = bench.tool("lua5.4")
    rows = []
    for name in ("fib", "nbody", "strings", "loop"):
        file = WORKLOADS / f"{name}.lua"

        def seconds(command):
            return lambda: float(checked(command, environment=bench.environment).output)

        samples = in_turn(bench.rounds(7), **{
            "apig-lua": seconds([bench.apig, *LIMITS, file]), "lua5.4": seconds([stock, file])})
        slower = [(ratio - 1) * 100 for ratio in ratios(samples["apig-lua"], samples["lua5.4"])]
        rows.append(Row(f"Lua that computes, under all limits: {name}", "s", samples,
                        [Target("slower than lua5.4", slower, 3, "%")]))
    return rows


@measure("start")
def start(bench):
    sides = {"apig-lua -e ''": [bench.apig, "-e", ""]}
    notes = []
    try:
        sides["lua5.4 -e ''"] = [bench.tool("lua5.4"), "-e", ""]
        sides["import of the official SDK"] = [bench.sdk, "-c", "import huaweicloudsdkapig.v2"]
    except LeftOut as reason:
        notes.append(str(reason))
    hello = bench.new_folder("hello") / "hello"
    compiler = shutil.which("swiftc")
    source = WORKLOADS / "hello.swift"
    compiling = [compiler, "-O", "-static-stdlib", source, "-o", hello]
    if compiler and subprocess.run(compiling, stderr=subprocess.DEVNULL).returncode == 0:
        sides["hello, Foundation"] = [hello]
    checked(sides["apig-lua -e ''"], environment=bench.environment)  # makes what a first run makes
    samples = in_turn(bench.rounds(41, 11), **{
        side: lambda command=command: run(command, environment=bench.environment, keeps_output=False).wall * 1000
        for side, command in sides.items()})
    ours = samples["apig-lua -e ''"]
    targets = [Target("start to end", ours, 10, "ms")]
    if "import of the official SDK" in samples:
        targets.append(
            Target("faster than the SDK's import", ratios(samples["import of the official SDK"], ours), 20,
                   at_most=False))
    return Row("start-up", "ms", samples, targets, notes)


@measure("check")
def check(bench):
    luacheck = bench.tool("luacheck", "lua-check")
    # 500 lines of what people write: the playbooks, one after the other, each in a block of its own.
    lines = []
    playbooks = sorted((ROOT / "scripts/playbooks").glob("*.lua"))
    while len(lines) < 500:
        for playbook in playbooks:
            text = playbook.read_text().splitlines()
            lines += ["do"] + [line.replace("return {", "_ = {") if line.startswith("return") else line
                               for line in text] + ["end"]
    file = bench.new_folder("check") / "playbook.lua"
    file.write_text("\n".join(lines) + "\n")
    sides = {"apig-lua check": [bench.apig, "check", file], "luacheck": [luacheck, "--std", "lua54", "--globals",
                                                                         "apig", "--no-color", file]}
    samples = in_turn(bench.rounds(15), **{
        side: lambda command=command: run(command, environment=bench.environment, keeps_output=False).wall * 1000
        for side, command in sides.items()})
    return Row(f"check of a playbook of {len(lines)} lines", "ms", samples,
               [Target("of luacheck", ratios(samples["apig-lua check"], samples["luacheck"]), 1)])
