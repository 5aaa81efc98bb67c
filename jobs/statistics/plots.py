"""Rejections as stacked columns. Shapes only: words are HTML beside them, colours are CSS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import svg
from django.utils.safestring import SafeString

from ..models import Decision
from ..overview.plots import GAP, HEIGHT, STEP, axis, drawn

# Each reason has its colour for good, whatever else there is in a period.
COLOURS = {reason: f"fill-{n}" for n, reason in enumerate(["", *Decision.Reason.values])}


def weeks(rejections: Mapping[date, Counter[str]], reasons: Sequence[str]) -> SafeString:
    """A column for each week, the most frequent reason of the period at its foot."""
    most = max(1, *(each.total() for each in rejections.values()))
    shapes: list[svg.Element] = []
    for n, found in enumerate(rejections.values()):
        y = float(HEIGHT)
        for reason in reasons:
            tall = found[reason] / most * HEIGHT
            y -= tall
            if tall:
                shapes.append(_part(n, y, tall, COLOURS.get(reason, COLOURS[""])))
    width = len(rejections) * STEP
    return drawn(width, HEIGHT, "tall", [*shapes, axis(width)])


def _part(n: int, y: float, tall: float, css: str) -> svg.Rect:
    x, width = n * STEP + GAP / 2, STEP - GAP
    return svg.Rect(class_=[css], x=x, y=round(y, 1), width=width, height=round(tall, 1))
