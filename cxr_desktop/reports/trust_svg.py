"""A plot of trust as inline SVG."""

from __future__ import annotations

from html import escape

from cxr_desktop.reports.trust_plots import LinePlot, across_ticks, ticks

WIDTH, HEIGHT = 340, 190
LEFT, RIGHT, TOP, BOTTOM = 38, 8, 26, 38


def plot_svg(plot: LinePlot) -> str:
    """An <svg> element that needs no style sheet; its text is escaped."""
    (x0, x1), (y0, y1) = plot.x_range, plot.y_range

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = (x - x0) / ((x1 - x0) or 1.0), (y - y0) / ((y1 - y0) or 1.0)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{LEFT}" y="15" font-weight="600" fill="#161d26">{escape(plot.title)}</text>']
    for value in ticks(y0, y1, about=3):
        y = place(x0, value)[1]
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d5dbe2"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{value:g}</text>')
    for value, name in across_ticks(plot):
        x = place(value, y0)[0]
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 24}" text-anchor="middle">{escape(name)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(plot.across)}</text>')
    right = WIDTH - RIGHT
    for line in reversed(plot.lines):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line.points))
        stroke = (
            'stroke="#5f6b7a" stroke-dasharray="4 3"'
            if line.baseline
            else 'stroke="#0e7490" stroke-width="2"'
        )
        parts.append(f'<polyline points="{points}" fill="none" {stroke}/>')
        if len(plot.lines) > 1:
            parts.append(f'<text x="{right}" y="15" text-anchor="end">{escape(line.name)}</text>')
            right -= 6 * len(line.name) + 4
            parts.append(f'<line x1="{right - 14}" x2="{right}" y1="11" y2="11" {stroke}/>')
            right -= 24
    label = escape(f"{plot.title}: {plot.up} against {plot.across}")
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}" font-size="11" '
        f'fill="#5f6b7a" font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )
