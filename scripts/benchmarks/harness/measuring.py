"""Samples of two or more sides, taken in turn, and what is said of them."""
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time


class LeftOut(Exception):
    """A row cannot be measured here; says what is missing."""


@dataclasses.dataclass
class Target:
    """A bound on one figure of a row. `samples` holds it once per round, so that its spread is seen."""

    says: str
    samples: list
    limit: float
    unit: str = "×"
    at_most: bool = True

    @property
    def median(self):
        return statistics.median(self.samples)

    @property
    def is_reached(self):
        return self.median <= self.limit if self.at_most else self.median >= self.limit


@dataclasses.dataclass
class Row:
    """One line of the table: figures of each side in `unit`, and what is asked of them."""

    title: str
    unit: str
    sides: dict
    targets: list
    notes: list = dataclasses.field(default_factory=list)
    name: str = ""


@dataclasses.dataclass
class Curve:
    """Cost against work: by series a list of (work, cost)."""

    title: str
    work: str
    cost: str
    series: dict
    notes: list = dataclasses.field(default_factory=list)
    name: str = ""


def in_turn(rounds, **sides):
    """Samples of each side, one of every side per round: whatever else the machine does then, it does to all."""
    samples = {side: [] for side in sides}
    for _ in range(rounds):
        for side, measure in sides.items():
            samples[side].append(measure())
    return samples


def ratios(above, below):
    """Round by round."""
    return [a / b for a, b in zip(above, below)]


@dataclasses.dataclass
class Ended:
    """How a child process ended: seconds on the wall and of the processors.

    `resident` is the most memory in bytes that it, or what forked it, had resident: see `weighed`.
    """

    status: int
    wall: float
    processor: float
    resident: int
    output: str = ""


def run(command, environment=None, folder=None, keeps_output=True, input_file=None):
    """Runs a program to its end and weighs it alone."""
    output = subprocess.PIPE if keeps_output else subprocess.DEVNULL
    began = time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in command], env=environment, cwd=folder, text=True, stdout=output,
        stderr=subprocess.STDOUT if keeps_output else subprocess.DEVNULL, stdin=input_file or subprocess.DEVNULL)
    text = child.stdout.read() if keeps_output else ""
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if keeps_output:
        child.stdout.close()
    return Ended(child.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)


def weighed(command, **options):
    """The same, with the memory that it needed itself; the command's first word is a path."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "figures.json"
        ended = run([sys.executable, "-ES", pathlib.Path(__file__).with_name("weigh.py"), file, *command], **options)
        return dataclasses.replace(ended, **json.loads(file.read_text()))


def checked(command, how=run, **options):
    """The same of a program that must succeed."""
    ended = how(command, **options)
    if ended.status != 0:
        raise RuntimeError(f"{os.path.basename(str(command[0]))} ended with {ended.status}:\n{ended.output}")
    return ended


def figures(command, **options):
    """What a driver says: the JSON of its last line."""
    return json.loads(checked(command, **options).output.strip().splitlines()[-1])
