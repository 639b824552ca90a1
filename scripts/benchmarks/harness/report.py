"""The table, for people and as JSON."""
import statistics


def number(value):
    magnitude = abs(value)
    if magnitude >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if magnitude >= 10 else f"{value:.2f}" if magnitude >= 1 else f"{value:.3f}"


def spread(samples):
    middle = number(statistics.median(samples))
    if len(samples) == 1:
        return middle
    return f"{middle} ({number(min(samples))} to {number(max(samples))})"


def table(rows):
    """Markdown: a line for each target, and for each row without one."""
    lines = ["| what | figures: median (spread) | compared | target | |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        figures = "; ".join(f"{side} {spread(samples)}" for side, samples in row.sides.items()) + f" {row.unit}"
        targets = row.targets or [None]
        for index, target in enumerate(targets):
            first = (row.title, figures) if index == 0 else ("", "")
            lines.append("| " + " | ".join([*first, *_target(target)]) + " |")
    return "\n".join(lines)


def _target(target):
    if target is None:
        return "", "", ""
    unit = target.unit if target.unit in "×%" else " " + target.unit
    bound = f"{'≤' if target.at_most else '≥'} {number(target.limit)}{unit}"
    return (f"{spread(target.samples)}{unit} {target.says}", bound, "reached" if target.is_reached else "**missed**")


def document(machine, settings, rows, curves, left_out):
    return {
        "machine": machine, "settings": settings,
        "rows": [
            {"name": row.name, "what": row.title, "unit": row.unit, "samples": row.sides,
             "medians": {side: statistics.median(samples) for side, samples in row.sides.items()},
             "targets": [
                 {"compared": target.says, "unit": target.unit, "samples": target.samples, "median": target.median,
                  "at_most" if target.at_most else "at_least": target.limit, "reached": target.is_reached}
                 for target in row.targets],
             "notes": row.notes} for row in rows],
        "curves": [
            {"name": curve.name, "what": curve.title, "work": curve.work, "cost": curve.cost, "series": curve.series,
             "notes": curve.notes} for curve in curves],
        "left_out": left_out,
    }
