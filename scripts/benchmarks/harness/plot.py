"""The curves as one SVG: a panel each, both axes logarithmic."""
import html
import math

COLUMNS, WIDTH, HEIGHT = 2, 460, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 30, 46, 46
COLORS = ["#0b6bcb", "#c2410c", "#15803d", "#7e22ce", "#525252"]


def svg(curves, facts):
    lines = -(-len(curves) // COLUMNS)
    width, height = COLUMNS * WIDTH, lines * HEIGHT + 34
    caption = f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gib']} GiB, {facts['system']}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="Helvetica, Arial, sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(12, 20, "apig-lua: cost against work", size=14, weight="bold"),
        _text(width - 12, 20, caption, anchor="end", color="#525252")]
    for index, curve in enumerate(curves):
        x, y = index % COLUMNS * WIDTH, index // COLUMNS * HEIGHT + 34
        parts.append(f'<g transform="translate({x},{y})">{_panel(curve)}</g>')
    return "\n".join(parts + ["</svg>", ""])


def _panel(curve):
    points = [point for series in curve.series.values() for point in series if point[1] > 0]
    if not points:
        return _text(LEFT, 20, curve.title)
    horizontal = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    vertical = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [_text(LEFT, 18, curve.title, size=12, weight="bold")]
    for decade in horizontal.decades:
        x = horizontal.place(decade)
        parts.append(_line(x, TOP, x, HEIGHT - BOTTOM, "#e5e5e5"))
        parts.append(_text(x, HEIGHT - BOTTOM + 15, _label(decade), anchor="middle"))
    for decade in vertical.decades:
        y = vertical.place(decade)
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y, "#e5e5e5"))
        parts.append(_text(LEFT - 6, y + 4, _label(decade), anchor="end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 32, curve.work, anchor="middle", color="#525252"))
    parts.append(_text(LEFT, 34, curve.cost, color="#525252"))
    for index, (name, series) in enumerate(curve.series.items()):
        color = COLORS[index % len(COLORS)]
        places = [(horizontal.place(x), vertical.place(y)) for x, y in series if y > 0]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places]
        if len(curve.series) > 1:
            parts.append(_text(LEFT + 10, TOP + 16 + 15 * index, name, color=color, weight="bold"))
    return "".join(parts)


class Axis:
    """Decades from the one below the least to the one above the most."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)) + 1e-9)
        self.high = max(self.low + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self.start, self.end = start, end
        self.decades = [10.0**power for power in range(self.low, self.high + 1)]

    def place(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)


def _label(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _line(x1, y1, x2, y2, color):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>'


def _text(x, y, text, anchor="start", color="#171717", size=11, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}" font-size="{size}" '
            f'font-weight="{weight}">{html.escape(text)}</text>')
