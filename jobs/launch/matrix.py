"""What one provider says to every person in every outfit: taken, warned, refused, made before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.models import Garment, Person
from catalog.preflight.findings import Finding, findings
from catalog.preflight.messages import short
from jobs.launch import deduplicate, preflight
from jobs.launch.create import Outfit, who_could
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from providers import registry

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
    """`notes`: one for each cell, row by row. Three queries at most, however many cells."""

    account: ProviderAccount
    recipe: Recipe
    persons: Sequence[Person]
    outfits: Sequence[Outfit]
    today: date
    override: bool = False
    _found: dict[object, CellNotice] = field(default_factory=dict)

    @cached_property
    def cells(self) -> list[deduplicate.Cell]:
        return [(person, outfit) for person in self.persons for outfit in self.outfits]

    @cached_property
    def notes(self) -> list[CellStatus]:
        rows = _Photos(self)
        looks = [rows.note(person, outfit) for person, outfit in self.cells]
        self._mark_made(looks)
        return looks

    @property
    def shown(self) -> str:
        """A character for each cell: OPEN, MADE or NO."""
        return "".join(note.kind for note in self.notes)

    @property
    def remarks(self) -> list[CellNotice]:
        """What was found, the worst first; each with its number of cells."""
        assert self.notes is not None
        return sorted(self._found.values(), key=lambda r: (_RANK[r.css], -r.count))

    def remark(self, key: object, css: str, icon: str, text: str, asset: object = None) -> None:
        """Count one more cell of which this is to be said."""
        if key not in self._found:
            link, words = _page(asset)
            self._found[key] = CellNotice(css, icon, text, link, words)
        self._found[key].count += 1

    def _mark_made(self, looks: list[CellStatus]) -> None:
        """Cells that were made before or are on their way; of two alike the first is made."""
        places = [n for n, note in enumerate(looks) if note.kind == OPEN]
        names = deduplicate.fingerprints(self.account, self.recipe, [self.cells[n] for n in places])
        known, seen = deduplicate.existing_jobs(list(dict.fromkeys(names))), set[str]()
        for n, name in zip(places, names, strict=True):
            if name in known:
                looks[n] = self._made(known[name])
            elif name in seen:
                looks[n] = CellStatus(NO, _("Same photos"), "canceled")
                text = _("The same photos are in another cell already: they are made once.")
                self.remark("twice", "is-ok", "info", text)
            seen.add(name)

    def _made(self, job: deduplicate.ExistingJob) -> CellStatus:
        note, text = _made_look(job)
        self.remark(note.word, "is-ok" if job.ended else "is-run", note.icon, text, job)
        return note


class _Photos:
    """Refusals and warnings; what is the same for many cells is found out once."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self.capabilities = registry.capabilities(matrix.account.alias)
        self.provider = preflight.family(matrix.account.alias)
        self._consent: dict[int, str] = {}
        self._able: dict[tuple[frozenset[str], str], list[str]] = {}
        self._against: dict[tuple[type, int, frozenset[str]], list[Finding]] = {}
        self._slots: dict[int, frozenset[str]] = {}

    def note(self, person: Person, outfit: Outfit) -> CellStatus:
        slots = self._slots.setdefault(id(outfit), frozenset(outfit))
        return (
            self._by_consent(person)
            or self._by_provider(person, slots)
            or self._by_photos(person, outfit, slots)
        )

    def _by_consent(self, person: Person) -> CellStatus | None:
        if person.pk not in self._consent:
            self._consent[person.pk] = person.consent_refusal(self.matrix.today)
        why = self._consent[person.pk]
        if not why:
            return None
        self.matrix.remark(("consent", person.pk), "is-bad", "canceled", f"{person}: {why}", person)
        return CellStatus(NO, _("No consent"), "canceled")

    def _by_provider(self, person: Person, slots: frozenset[str]) -> CellStatus | None:
        key = slots, person.gender
        if key not in self._able:
            recipe = self.matrix.recipe
            reasons = recipe.refusals(self.capabilities, slots, person.gender)
            could = who_could(recipe, slots, person.gender) if reasons else ""
            self._able[key] = [reason + could for reason in reasons]
        for reason in self._able[key]:
            self.matrix.remark(reason, "is-bad", "canceled", reason)
        return CellStatus(NO, _("Not possible"), "canceled") if self._able[key] else None

    def _by_photos(self, person: Person, outfit: Outfit, slots: frozenset[str]) -> CellStatus:
        """The first refusal, else the first warning; the list below the matrix has them all."""
        first: Finding | None = None
        assets: tuple[Person | Garment, ...] = (person, *outfit.values())
        for asset in assets:
            for finding in self._findings(asset, slots):
                self._say(asset, finding)
                if first is None or (finding.severity, first.severity) == ("refuse", "warn"):
                    first = finding
        if first is None:
            return AVAILABLE
        word = short(first.rule)
        if first.severity == "warn":
            return CellStatus(OPEN, word, "attention", "warn")
        if self.matrix.override:
            return CellStatus(OPEN, pgettext("photo", "Sent anyway"), "attention", "warn")
        return CellStatus(NO, word, "canceled")

    def _findings(self, asset: Person | Garment, slots: frozenset[str]) -> list[Finding]:
        key = type(asset), asset.pk, slots
        if key not in self._against:
            self._against[key] = findings(asset, [self.provider], slots)
        return self._against[key]

    def _say(self, asset: Person | Garment, finding: Finding) -> None:
        bad = finding.severity == "refuse" and not self.matrix.override
        text = f"{asset}: {finding.message}. {finding.remedy}"
        key = type(asset), asset.pk, finding.rule
        self.matrix.remark(
            key, "is-bad" if bad else "is-warn", "canceled" if bad else "attention", text, asset
        )


def _made_look(job: deduplicate.ExistingJob) -> tuple[CellStatus, str]:
    if job.approved:
        text = _("Approved before. Tick it only to make another.")
        return CellStatus(MADE, _("Approved"), "check", "done"), text
    if job.ended:
        text = _("Made before. Tick it only to make another.")
        return CellStatus(MADE, pgettext("try-on", "Made"), "check", "done"), text
    text = _("On its way in another batch. Tick it only to make another.")
    return CellStatus(MADE, _("On its way"), "running", "run"), text


def _page(asset: object) -> tuple[str, str]:
    """Where to look at what was found."""
    if isinstance(asset, Person):
        return reverse("person", args=[asset.pk]), _("See photo")
    if isinstance(asset, Garment):
        return reverse("garment", args=[asset.pk]), _("See photo")
    if isinstance(asset, deduplicate.ExistingJob):
        return reverse("job", args=[asset.pk]), _("See result")
    return "", ""
