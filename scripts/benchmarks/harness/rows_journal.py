"""The journal, on the disk of the temporary folder."""
import json
import os
import time

from measuring import Curve, Row, Target, checked, figures, in_turn, ratios
from registry import measure


@measure("journal")
def journal(bench):
    driver = bench.program("journal-driver")
    folder = bench.new_folder("journal")

    def rate(in_flight, count):
        return lambda: figures([driver, "bench-durability", folder, in_flight, count])["operations_per_second"]

    samples = in_turn(bench.rounds(7), **{
        "64 in flight": rate(64, bench.size(20_000, 5_000)), "1 in flight": rate(1, bench.size(2_000, 500)),
        "write and fdatasync, a page": lambda: _synchronised_writes(folder, bench.size(2_000, 500))})
    row = Row("durable operations/s of the journal", "1/s", samples,
              [Target("of one at a time", ratios(samples["64 in flight"], samples["1 in flight"]), 5, at_most=False)],
              ["an operation is two entries, its intent and its outcome"])
    return [row] + _growth(bench, driver, folder)


def _synchronised_writes(folder, count):
    """What the disk can do: a page at a time, each waited for."""
    path = folder / "pages"
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    page = bytes(4096)
    began = time.perf_counter()
    for _ in range(count):
        os.write(file, page)
        os.fdatasync(file)
    seconds = time.perf_counter() - began
    os.close(file)
    path.unlink()
    return count / seconds


def _growth(bench, driver, folder):
    entries = bench.size(1_000_000, 100_000)
    text = checked([driver, "bench-growth", folder, entries]).output
    found = [json.loads(line) for line in text.splitlines()]

    def series(figure, scale=1):
        return [(point["entries"], point[figure] / scale) for point in found]

    return [
        Curve("Journal of one run: time", "entries", "s",
              {"write": series("write_seconds"), "open": series("open_milliseconds", 1000),
               "read all": series("read_seconds")}),
        Curve("Journal of one run: file", "entries", "MB", {"file": series("bytes", 1e6)})]
