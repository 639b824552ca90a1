"""Instruction counts of fixed workloads against the stored ones: what a machine's other work cannot disturb."""
import json
import pathlib
import re

from bench import ROOT, say
from measuring import checked

STORED = pathlib.Path(__file__).resolve().parents[1] / "instructions.json"

# Of the command, from start to end.
START = "script of no line run"
# Program, workload, and how often it is done in two runs: their difference leaves out start and end.
WORKLOADS = {
    "host call, answered at once": ("engine-benchmark", "call", 1_000, 11_000),
    "host call, record in and out": ("engine-benchmark", "record", 200, 2_200),
    "host call that suspends": ("engine-benchmark", "suspension", 200, 2_200),
    "engine made": ("engine-benchmark", "engines", 2, 42),
    "publish signed": ("instruction-workloads", "sign", 10, 210),
    "publish verified": ("instruction-workloads", "verify", 10, 210),
    "page of 20 APIs read": ("instruction-workloads", "listing", 5, 105),
    "journal entry written and read": ("instruction-workloads", "journal", 50, 1_050),
    "script of 18 lines checked": ("instruction-workloads", "check", 2, 22),
}


def compare(bench, updates):
    """Prints a line for each workload; whether all are within the tolerance."""
    bench.tool("valgrind")
    stored = json.loads(STORED.read_text()) if STORED.exists() else {"tolerance": 0.05, "instructions": {}}
    tolerance = stored["tolerance"]
    found, is_good = {}, True
    for name, count in {START: _start, **{name: _each(*how) for name, how in WORKLOADS.items()}}.items():
        say(f"counting: {name}")
        found[name] = count(bench)
        before = stored["instructions"].get(name)
        change = found[name] / before - 1 if before else 0.0
        verdict = "new" if not before else "more" if change > tolerance else "fewer" if change < -tolerance else "same"
        is_good = is_good and (verdict == "same" or updates)
        print(f"{name}: {found[name]:,} instructions" + (f", stored {before:,}: {change:+.1%} {verdict}"
                                                              if before else ""))
    if updates:
        STORED.write_text(json.dumps({"tolerance": tolerance, "instructions": found}, indent=2) + "\n")
        print(f"stored in {STORED.relative_to(ROOT)}")
    elif not is_good:
        print(f"beyond the tolerance of {tolerance:.0%}; once it is meant: scripts/benchmark --instructions --update")
    return is_good


def _stripped(bench, program):
    """Valgrind cannot read the debugging information that Swift's linker leaves, and refuses the program for it."""
    copy = bench.folder / program
    if not copy.exists():
        checked(["strip", "-o", copy, bench.program(program)])
    return copy


def _each(program, workload, small, large):
    def count(bench):
        stripped = _stripped(bench, program)
        more, less = (_count(bench, stripped, workload, times) for times in (large, small))
        return round((more - less) / (large - small))

    return count


def _start(bench):
    return _count(bench, bench.apig, "-e", "")


def _count(bench, *command):
    text = checked(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                   environment=bench.environment).output
    return int(re.search(r"Collected : (\d+)", text).group(1))
