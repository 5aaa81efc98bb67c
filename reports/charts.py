"""Charts: shapes only, by svg.py. Texts are HTML beside them, colours are CSS.

The shapes are stretched to the width of the page. svg.py does not escape, so no user's text may
get in here: only numbers and our own class names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

import svg
from django.utils.safestring import SafeString

from reports.overview.spend import Spend
from reports.overview.throughput import TimeSlot
from review.models import Decision

HEIGHT = 120
STEP, GAP = 10, 2


def drawn(width: float, height: float, css: str, shapes: Sequence[svg.Element]) -> SafeString:
    drawing = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        preserveAspectRatio=svg.PreserveAspectRatio("none"),
        class_=["chart", css],
        extra={"aria-hidden": "true"},
        elements=list(shapes),
    )
    return SafeString(drawing.as_str())


def axis(width: float) -> svg.Path:
    """The base line of the columns."""
    return _line("axis", [(0, HEIGHT), (width, HEIGHT)])


def _line(css: str, points: Sequence[tuple[float, float]]) -> svg.Path:
    (x, y), rest = points[0], points[1:]
    return svg.Path(class_=[css], d=[svg.M(x, y), *(svg.L(*point) for point in rest)])


def month(spend: Spend) -> SafeString:
    """The sum day by day, the pace to the month's end, and the budget across it."""
    highest = float(max(spend.total, spend.projected or 0, spend.budget or 0, 1)) * 1.05

    def y(amount: object) -> float:
        return round(HEIGHT - float(amount or 0) / highest * HEIGHT, 1)  # type: ignore[arg-type]

    width = spend.last.day * STEP
    days = [(0.0, float(HEIGHT))]
    days += [(float(n * STEP), y(amount)) for n, amount in enumerate(spend.days, 1)]
    end = days[-1]
    shapes = [_line("area", [*days, (end[0], HEIGHT)])]
    if spend.budget is not None:
        shapes.append(_line("goal", [(0, y(spend.budget)), (width, y(spend.budget))]))
    shapes.append(_line("main", days))
    if spend.projected is not None:
        shapes.append(_line("next", [end, (width, y(spend.projected))]))
    shapes += [_line("dot", [end, end]), axis(width)]
    return drawn(width, HEIGHT, "tall", shapes)


def columns(slots: Sequence[TimeSlot]) -> SafeString:
    """One column for each hour or day: what succeeded, and on top of it what failed."""
    highest = max(1, *(slot.total for slot in slots))
    shapes: list[svg.Element] = []
    for n, slot in enumerate(slots):
        y = float(HEIGHT)
        for css, jobs in (("fill-ok", slot.succeeded), ("fill-bad", slot.failed)):
            tall = round(jobs / highest * HEIGHT, 1)
            y -= tall
            x, width = n * STEP + GAP / 2, STEP - GAP
            shapes.append(svg.Rect(class_=[css], x=x, y=round(y, 1), width=width, height=tall))
    width = len(slots) * STEP
    shapes.append(axis(width))
    return drawn(width, HEIGHT, "low", shapes)


class Rate(Protocol):
    """A share and its interval, from 0 to 1."""

    @property
    def share(self) -> float | None: ...

    @property
    def interval(self) -> tuple[float, float]: ...


def interval(approval: Rate) -> SafeString:
    """From 0 to 100 %: the interval as a band, the share as a stroke."""
    low, high = (round(100 * end, 1) for end in approval.interval)
    share = round(100 * (approval.share or 0), 1)
    axes = [_line("axis", [(x, 0), (x, 24)]) for x in (0, 50, 100)]
    band = _line("range", [(low, 12), (high, 12)])
    return drawn(100, 24, "rate", [*axes, band, _line("point", [(share, 4), (share, 20)])])


def bar(n: int, highest: int, css: str) -> SafeString:
    """A bar that is as long as `n` is of `most`."""
    background = svg.Rect(class_=["fill-quiet"], width=100, height=6)
    length = round(100 * n / max(1, highest), 1)
    return drawn(100, 6, "bar", [background, svg.Rect(class_=[css], width=length, height=6)])


# Each reason always has the same colour, whatever else there is in a period.
COLOURS = {reason: f"fill-{n}" for n, reason in enumerate(["", *Decision.Reason.values])}


def weeks(rejections: Mapping[date, Counter[str]], reasons: Sequence[str]) -> SafeString:
    """A column for each week, the most frequent reason of the period at its foot."""
    highest = max(1, *(each.total() for each in rejections.values()))
    shapes: list[svg.Element] = []
    for n, found in enumerate(rejections.values()):
        y = float(HEIGHT)
        for reason in reasons:
            tall = found[reason] / highest * HEIGHT
            y -= tall
            if tall:
                shapes.append(_part(n, y, tall, COLOURS.get(reason, COLOURS[""])))
    width = len(rejections) * STEP
    return drawn(width, HEIGHT, "tall", [*shapes, axis(width)])


def _part(n: int, y: float, tall: float, css: str) -> svg.Rect:
    x, width = n * STEP + GAP / 2, STEP - GAP
    return svg.Rect(class_=[css], x=x, y=round(y, 1), width=width, height=round(tall, 1))
