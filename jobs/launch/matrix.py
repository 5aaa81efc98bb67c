"""How the cells of a plan look: whether each can be ticked, two words for why, and the notices.

Its HTML is written by hand: a template takes ten times as long for 1,800 cells. A cell has no name
of its own: its box points at the heads of its row and column.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.models import Garment
from catalog.preflight.messages import short
from jobs.launch.checks import CONSENT, RECIPE, CellFinding
from jobs.launch.plan import ExistingJob, Plan, PlannedCell
from jobs.launch.selection import MOST_BOXES, REMAKE, SKIP, Outfit
from portal.templatetags.toile import icon

OPEN, MADE, NO = "o", "m", "n"
_RANK = {"is-bad": 0, "is-warn": 1, "is-run": 2, "is-ok": 3}


@dataclass(frozen=True)
class CellStatus:
    """How a cell looks: whether it can be ticked (OPEN, MADE, NO), and two words for why."""

    kind: str
    word: str = ""
    icon: str = ""
    css: str = ""


@dataclass
class CellNotice:
    """One line of what the checks found, for so many cells, with where to look at it."""

    css: str
    icon: str
    text: str
    link: str = ""
    link_text: str = ""
    count: int = 0


AVAILABLE = CellStatus(OPEN)
# By what they are about: each is shown once.
Notices = dict[Hashable, CellNotice]


@dataclass
class Matrix:
    """The statuses of a plan's cells, row by row, and what was found, the worst first."""

    statuses: list[CellStatus] = field(default_factory=list)
    notices: list[CellNotice] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan) -> Matrix:
        counted: Notices = {}
        statuses = [_status(each, plan.override, counted) for each in plan.cells]
        return cls(statuses, sorted(counted.values(), key=lambda n: (_RANK[n.css], -n.count)))

    @property
    def shown(self) -> str:
        """A character for each cell: OPEN, MADE or NO."""
        return "".join(status.kind for status in self.statuses)


def _status(planned: PlannedCell, override: bool, notices: Notices) -> CellStatus:
    """The status of one cell; what was found about it is counted among the notices."""
    first: CellFinding | None = None
    for found in _worst(planned.found):
        bad = found.severity == "refuse" and not (override and found.of_photo)
        css, icon_name = ("is-bad", "canceled") if bad else ("is-warn", "attention")
        key: Hashable = str(found)
        notice = CellNotice(css, icon_name, str(found))
        if asset := found.asset:
            key = type(asset), asset.pk, found.code
            notice.link, notice.link_text = asset.get_absolute_url(), _("See photo")
        _count(notices, key, notice)
        if first is None or (found.severity, first.severity) == ("refuse", "warn"):
            first = found
    if planned.refused:
        assert first is not None
        words = {CONSENT: _("No consent"), RECIPE: _("Not possible")}
        return CellStatus(NO, words.get(first.code) or short(first.code), "canceled")
    if planned.existing:
        status, css, text = _made_before(planned.existing)
        link = reverse("job", args=[planned.existing.pk])
        notice = CellNotice(css, status.icon, text, link, _("See result"))
        _count(notices, status.word, notice)
        return status
    if planned.twin:
        text = _("The same photos are in another cell already: they are made once.")
        _count(notices, "twin", CellNotice("is-ok", "info", text))
        return CellStatus(NO, _("Same photos"), "canceled")
    if first is None:
        return AVAILABLE
    word = short(first.code) if first.severity == "warn" else pgettext("photo", "Sent anyway")
    return CellStatus(OPEN, word, "attention", "warn")


def _worst(found: list[CellFinding]) -> Iterable[CellFinding]:
    """Consent alone, where it is missing; else what the recipe cannot, else of the photos."""
    for code in (CONSENT, RECIPE):
        if some := [each for each in found if each.code == code]:
            return some
    return found


def _count(notices: Notices, key: Hashable, notice: CellNotice) -> None:
    notices.setdefault(key, notice).count += 1


def _made_before(job: ExistingJob) -> tuple[CellStatus, str, str]:
    """The status, the notice's colour and its text."""
    if job.approved:
        text = _("Approved before. Tick it only to make another.")
        return CellStatus(MADE, _("Approved"), "check", "done"), "is-ok", text
    if job.ended:
        text = _("Made before. Tick it only to make another.")
        return CellStatus(MADE, pgettext("try-on", "Made"), "check", "done"), "is-ok", text
    text = _("On its way in another batch. Tick it only to make another.")
    return CellStatus(MADE, _("On its way"), "running", "run"), "is-run", text


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
