"""See scripts/benchmark."""
import argparse
import json
import pathlib
import sys

import guide
import instructions
import machine
import plot
import report
from bench import ROOT, Bench, say
from measuring import Curve, LeftOut
from registry import MEASURES

# In the order of the table.
import rows_engine  # noqa: F401
import rows_process  # noqa: F401
import rows_release  # noqa: F401
import rows_gateway  # noqa: F401
import rows_journal  # noqa: F401
import rows_session  # noqa: F401


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/benchmark", description="Measures apig-lua beside its peers and floors, in turn, in one run.")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=MEASURES, help="only these: " + ", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less work: to see that everything runs")
    parser.add_argument("--instructions", action="store_true",
                        help="count the instructions of fixed workloads instead, and compare them with the stored ones")
    parser.add_argument("--update", action="store_true", help="with --instructions: store what is counted")
    parser.add_argument("--guide", action="store_true", help="write the table and the plot into the guide, too")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / ".build/benchmark", metavar="FOLDER",
                        help="where result.json, table.md and growth.svg go (.build/benchmark)")
    parser.add_argument("--programs", type=pathlib.Path, metavar="FOLDER",
                        help="programs that are built already, instead of building")
    return parser.parse_args()


def count_instructions(bench, updates):
    try:
        bench.build()
        return 0 if instructions.compare(bench, updates) else 1
    except LeftOut as reason:
        say(str(reason))
        return 1
    finally:
        bench.close()


def main():
    wanted = arguments()
    bench = Bench(wanted.quick, wanted.programs)
    if wanted.instructions:
        return count_instructions(bench, wanted.update)
    facts = machine.description()
    rows, curves, left_out = [], [], {}
    has_failed = False
    try:
        bench.build()
        for name in wanted.only or MEASURES:
            say(f"measuring: {name}")
            try:
                found = MEASURES[name](bench)
            except LeftOut as reason:
                left_out[name] = str(reason)
                say(f"  left out: {reason}")
                continue
            except Exception as error:  # the other rows are still worth having
                left_out[name] = f"failed: {error}"
                has_failed = True
                say(f"  failed: {error}")
                continue
            for one in found if isinstance(found, list) else [found]:
                one.name = name
                (curves if isinstance(one, Curve) else rows).append(one)
    finally:
        bench.close()
    settings = {"quick": wanted.quick, "only": wanted.only}
    wanted.out.mkdir(parents=True, exist_ok=True)
    text = report.table(rows)
    (wanted.out / "result.json").write_text(
        json.dumps(report.document(facts, settings, rows, curves, left_out), indent=1, ensure_ascii=False) + "\n")
    (wanted.out / "table.md").write_text(text + "\n")
    if curves:
        (wanted.out / "growth.svg").write_text(plot.svg(curves, facts))
    if wanted.guide:
        guide.write(facts, text, plot.svg(curves, facts) if curves else None)
    print(machine.text(facts))
    print(text)
    for curve in curves:
        print(f"\n{curve.title} ({curve.cost}, by {curve.work})")
        for name, points in curve.series.items():
            print(f"  {name}: " + ", ".join(f"{work:,}: {report.number(cost)}" for work, cost in points))
    for name, reason in left_out.items():
        print(f"left out: {name}: {reason}")
    missed = [row.title for row in rows for target in row.targets if not target.is_reached]
    print(f"\n{sum(len(row.targets) for row in rows)} targets, {len(missed)} missed")
    return 1 if has_failed else 0


sys.exit(main())
