"""How the cells of a plan look: whether each can be ticked, two words for why, and the notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.models import Garment, Person
from catalog.preflight.messages import short
from jobs.launch.checks import CONSENT, RECIPE, CellFinding
from jobs.launch.deduplicate import ExistingJob
from jobs.launch.plan import Plan, PlannedCell

OPEN, MADE, NO = "o", "m", "n"
_RANK = {"is-bad": 0, "is-warn": 1, "is-run": 2, "is-ok": 3}


@dataclass(frozen=True)
class CellStatus:
    """A cell's look: whether it can be ticked (OPEN, MADE, NO), and two words for why."""

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


@dataclass
class Matrix:
    """The looks of a plan's cells, row by row, and what was found, the worst first."""

    statuses: list[CellStatus] = field(default_factory=list)
    notices: list[CellNotice] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan) -> Matrix:
        counted: dict[object, CellNotice] = {}
        statuses = [_status(each, plan.override, counted) for each in plan.cells]
        return cls(statuses, sorted(counted.values(), key=lambda n: (_RANK[n.css], -n.count)))

    @property
    def shown(self) -> str:
        """A character for each cell: OPEN, MADE or NO."""
        return "".join(status.kind for status in self.statuses)


def _status(planned: PlannedCell, override: bool, notices: dict[object, CellNotice]) -> CellStatus:
    """The look of one cell; what is to be said of it is counted among the notices."""
    first: CellFinding | None = None
    for found in _said(planned.found):
        bad = found.severity == "refuse" and not (override and found.of_photo)
        css, icon = ("is-bad", "canceled") if bad else ("is-warn", "attention")
        asset = found.asset
        key = str(found) if asset is None else (type(asset), asset.pk, found.code)
        _count(notices, key, CellNotice(css, icon, str(found), *_page(asset)))
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


def _said(found: list[CellFinding]) -> Iterable[CellFinding]:
    """Consent alone, where it is missing; else what the recipe cannot, else of the photos."""
    for code in (CONSENT, RECIPE):
        if some := [each for each in found if each.code == code]:
            return some
    return found


def _count(notices: dict[object, CellNotice], key: object, notice: CellNotice) -> None:
    notices.setdefault(key, notice).count += 1


def _made_before(job: ExistingJob) -> tuple[CellStatus, str, str]:
    """The look, the notice's colour and its text."""
    if job.approved:
        text = _("Approved before. Tick it only to make another.")
        return CellStatus(MADE, _("Approved"), "check", "done"), "is-ok", text
    if job.ended:
        text = _("Made before. Tick it only to make another.")
        return CellStatus(MADE, pgettext("try-on", "Made"), "check", "done"), "is-ok", text
    text = _("On its way in another batch. Tick it only to make another.")
    return CellStatus(MADE, _("On its way"), "running", "run"), "is-run", text


def _page(asset: Person | Garment | None) -> tuple[str, str]:
    """Where to look at what was found."""
    if asset is None:
        return "", ""
    return asset.get_absolute_url(), _("See photo")
