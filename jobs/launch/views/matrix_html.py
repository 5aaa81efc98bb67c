"""The matrix as HTML. Written by hand: a template takes ten times as long for 1,800 cells.

A cell has no name of its own: its box points at the heads of its row and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Garment
from jobs.launch.matrix import MADE, NO, CellStatus
from jobs.launch.selection import MOST_BOXES, REMAKE, SKIP, Outfit
from portal.templatetags.toile import icon


def columns(outfits: Sequence[Outfit], on: Sequence[bool], whole: str) -> SafeString:
    """The heads of the columns; `whole` names their boxes."""
    words = {slot.value: escape(str(slot.label)) for slot in Garment.Slot}
    heads = [
        _head(x, list(outfit.values()), [words[slot] for slot in outfit], on[x], escape(whole))
        for x, outfit in enumerate(outfits)
    ]
    return mark_safe("".join(heads))  # noqa: S308


def _head(x: int, garments: list[Garment], slots: list[str], on: bool, whole: str) -> str:
    pictures = "".join(f'<img src="{escape(g.thumb.url)}" alt="" loading="lazy">' for g in garments)
    two = " two" if len(garments) > 1 else ""
    return (
        f'<th scope="col"><label><span class="axis{two}">{pictures}</span>'
        f'<span class="axis-name" id="o{x}">{" + ".join(escape(g.name) for g in garments)}</span>'
        f'<span class="small muted">{", ".join(slots)}</span><span class="axis-tick">'
        f'<input type="checkbox" name="col" value="{x}"{" checked" if on else ""}>'
        f'<span class="sr">{whole}</span></span></label></th>'
    )


def rows(statuses: Sequence[CellStatus], wanted: str, width: int) -> Iterator[SafeString]:
    """The cells of each row; `width`: how many columns there are."""
    named = len(statuses) <= MOST_BOXES
    inside = {
        status: format_html("{}<span>{}</span>", icon(status.icon), status.word)
        if status.word
        else ""
        for status in set(statuses)
    }
    for start in range(0, len(statuses), width):
        cells = [
            _cell(n, statuses[n], wanted[n], inside[statuses[n]], width, named)
            for n in range(start, start + width)
        ]
        yield mark_safe("".join(cells))  # noqa: S308


def _cell(n: int, status: CellStatus, want: str, inside: str, width: int, named: bool) -> str:
    y, x = divmod(n, width)
    if status.kind == NO:
        return f'<td class="no" data-n="{n}"><span class="refused">{inside}</span></td>'
    ticked = want == REMAKE if status.kind == MADE else want != SKIP
    name = ' name="cell"' if named else ""
    tick = " checked" if ticked else ""
    made = " data-made" if status.kind == MADE else ""
    described = f' aria-describedby="n{n}"' if inside else ""
    word = f'<span id="n{n}" class="cell-note {status.css}">{inside}</span>' if inside else ""
    return (
        f'<td><label class="cell"><input type="checkbox"{name} value="{n}"{tick}{made} '
        f'aria-labelledby="p{y} o{x}"{described}>{word}</label></td>'
    )
