"""The engine, beside plain C and Python's lupa."""
from bench import PEERS
from measuring import Curve, LeftOut, Row, Target, figures, in_turn, ratios
from registry import measure


def _engine(bench, workload, count, figure="processor_nanoseconds"):
    return lambda: figures([bench.program("engine-benchmark"), workload, count])[figure]


def _lupa(bench, workload, count):
    python = bench.lupa
    return lambda: figures([python, PEERS / "lupa_calls.py", workload, count])["processor_nanoseconds"]


def _with_lupa(bench, workload, count, sides, notes):
    try:
        sides["lupa"] = _lupa(bench, workload, count)
    except LeftOut as reason:
        notes.append(str(reason))
    return sides


@measure("call")
def call(bench):
    count = bench.size(1_000_000, 200_000)
    notes = ["processor time of the process, which other work on the machine disturbs least"]
    sides = _with_lupa(bench, "call", bench.size(300_000, 100_000), {
        "apig-lua": _engine(bench, "call", count), "C, resume and yield": _engine(bench, "call-floor", count),
        "C, closure": _engine(bench, "closure-floor", count)}, notes)
    samples = in_turn(bench.rounds(9), **sides)
    ours = samples["apig-lua"]
    targets = [Target("of C, resume and yield", ratios(ours, samples["C, resume and yield"]), 3)]
    if "lupa" in samples:
        targets.append(Target("of lupa", ratios(ours, samples["lupa"]), 1))
    return Row("Lua → host → Lua, no argument, answered at once", "ns", samples, targets, notes)


@measure("record")
def record(bench):
    count = bench.size(200_000, 50_000)
    notes = []
    sides = _with_lupa(bench, "record", bench.size(100_000, 30_000), {
        "apig-lua": _engine(bench, "record", count), "C": _engine(bench, "record-floor", count)}, notes)
    samples = in_turn(bench.rounds(9), **sides)
    ours = samples["apig-lua"]
    targets = [Target("of C", ratios(ours, samples["C"]), 3)]
    if "lupa" in samples:
        targets.append(Target("faster than lupa", ratios(samples["lupa"], ours), 3, at_most=False))
    return Row("the same, string and table in, record of 7 strings out", "ns", samples, targets, notes)


@measure("suspension")
def suspension(bench):
    count = bench.size(20_000, 5_000)
    ours, floor = (_engine(bench, name, count, "nanoseconds") for name in ("suspension", "suspension-floor"))
    samples = in_turn(bench.rounds(9), **{
        "apig-lua": lambda: ours() / 1000, "C, another thread and back": lambda: floor() / 1000})
    return Row("a host call that suspends: task, actor and back", "µs", samples,
               [Target("on the wall", samples["apig-lua"], 5, "µs")])


@measure("engines")
def engines(bench):
    count = bench.size(1000, 200)
    samples = in_turn(
        bench.rounds(9), **{
            "apig-lua": lambda: figures([bench.program("engine-benchmark"), "engines", count]),
            "C, state and six libraries": lambda: figures([bench.program("engine-benchmark"), "engines-floor", count])})
    ours, floor = samples["apig-lua"], samples["C, state and six libraries"]

    def of(side, figure, scale):
        return [sample[figure] / scale for sample in side]

    time = of(ours, "processor_nanoseconds", 1000), of(floor, "processor_nanoseconds", 1000)
    memory = of(ours, "resident_bytes", 1000), of(floor, "bytes", 1000)
    return [
        Row("making an engine, sandbox and thread included", "µs", {"apig-lua": time[0], "C, state, libraries": time[1]},
            [Target("of C", ratios(*time), 5)]),
        Row("its memory, resident, thread included", "kB", {"apig-lua": memory[0], "C, heap": memory[1]},
            [Target("of C", ratios(*memory), 3)])]


@measure("waiting")
def waiting(bench):
    count = 10_000
    samples = in_turn(
        bench.rounds(5), **{
            "apig-lua": lambda: figures([bench.program("engine-benchmark"), "waiting", count])["resident_bytes"],
            "C coroutine": lambda: figures([bench.program("engine-benchmark"), "waiting-floor", count])["bytes"]})
    row = Row("a waiting operation, coroutine and host side, of 10,000", "bytes", samples,
              [Target("each", samples["apig-lua"], 4096, "bytes")])
    return [row] + _waiting_curves(bench)


def _waiting_curves(bench):
    time, memory = [], []
    for count in (10, 100, 1000, 10_000) + (() if bench.is_quick else (100_000,)):
        found = figures([bench.program("engine-benchmark"), "waiting", count])
        time.append((count, found["nanoseconds"] * count / 1e9))
        memory.append((count, found["bytes"] * count / 1e6))
    return [
        Curve("Coroutines that wait at once: time", "coroutines", "s, start to end", {"apig-lua": time}),
        Curve("Coroutines that wait at once: memory", "coroutines", "MB of heap", {"apig-lua": memory})]
