"""The cells of a comparison, their images in an order that does not give away the providers."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from jobs.models import Batch, Comparison, Result, TryOnJob
from review.models import Preference

# A person's id and those of a top, a bottom and a dress; 0 where there is none.
CellKey = tuple[int, int, int, int]
CELL_COLUMNS = ("person", "top", "bottom", "dress")


def key_text(key: Sequence[int | None]) -> str:
    """The key as it is written in addresses and in the database."""
    return "-".join(str(part or 0) for part in key)


def _keyed_hash(*parts: object) -> str:
    """A hash that looks random, is the same for the same parts, and needs our secret key."""
    text = ":".join(map(str, parts)).encode()
    return hmac.new(settings.SECRET_KEY.encode(), b"blind:" + text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Cell:
    """`image_ids` are results; `scope` is the id of the reviewer and that of the comparison."""

    key: str
    image_ids: tuple[int, ...]
    scope: tuple[int, int]

    @cached_property
    def shown_ids(self) -> tuple[int, ...]:
        """The same ids in the order in which this reviewer sees the images."""
        return tuple(sorted(self.image_ids, key=lambda pk: _keyed_hash(*self.scope, self.key, pk)))

    @property
    def ids_by_letter(self) -> dict[str, int]:
        return dict(zip(ascii_uppercase, self.shown_ids, strict=False))

    @property
    def signature(self) -> str:
        """Changes with the images, so that a posted letter means what it meant on the page."""
        return _keyed_hash("signature", self.key, *self.shown_ids)[:16]


class BlindComparison:
    """A comparison as one reviewer sees it: every cell of which there are two images or more.

    A launch is of a few thousand cells at most: they are read at once, as ids.
    """

    def __init__(self, comparison: Comparison, user: User) -> None:
        self.comparison, self.user = comparison, user
        self.batches = list(
            Batch.objects.filter(comparison=comparison).values_list("pk", flat=True)
        )
        self.waiting = set(map(key_text, self._unfinished()))
        self.cells = {cell.key: cell for cell in self._cells()}
        own_choices = Preference.objects.filter(comparison=comparison, by=user)
        self.chosen = set(own_choices.values_list("cell", flat=True)) & self.cells.keys()

    def _unfinished(self) -> Any:
        jobs = TryOnJob.objects.filter(batch__in=self.batches).unfinished()
        return jobs.order_by().values_list(*CELL_COLUMNS)

    def _cells(self) -> Iterator[Cell]:
        found: dict[CellKey, list[int]] = defaultdict(list)
        for pk, *worn in _final_images(self.batches):
            found[_cell_key(worn)].append(pk)
        for key, ids in sorted(found.items()):
            name = key_text(key)
            if len(ids) > 1 and name not in self.waiting:
                yield Cell(name, tuple(ids), (self.user.pk, self.comparison.pk))

    @cached_property
    def keys(self) -> list[str]:
        return list(self.cells)

    @property
    def remaining(self) -> int:
        return len(self.cells) - len(self.chosen)

    def next_without_choice(self, after: str = "") -> str:
        """The next cell without a choice, from there on and then from the beginning; "" if none."""
        at = self.keys.index(after) + 1 if after in self.cells else 0
        around = [*self.keys[at:], *self.keys[:at]]
        return next((key for key in around if key not in self.chosen), "")

    def neighbours(self, key: str) -> tuple[str, str]:
        """The cells before and after this one; "" at the ends."""
        at = self.keys.index(key)
        before = self.keys[at - 1] if at else ""
        return before, self.keys[at + 1] if at + 1 < len(self.keys) else ""


def _cell_key(worn: Sequence[int | None]) -> CellKey:
    person, top, bottom, dress = (part or 0 for part in worn)
    return person, top, bottom, dress


def _final_images(batches: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """(id, person, top, bottom, dress) of the final images of these batches and of reused jobs.

    Of a try-on that was repeated, those of the repetition only.
    """
    repetitions = TryOnJob.objects.filter(batch__in=batches, repeat_of__isnull=False).order_by()
    repeated = set(repetitions.values_list("repeat_of", flat=True))
    reused = Batch.reused_jobs.through.objects.filter(batch__in=batches)
    reused_ids = list(reused.values_list("tryonjob", flat=True))
    finals = Result.objects.final().order_by()
    columns = ("pk", "job", *(f"job__{slot}" for slot in CELL_COLUMNS))
    seen: set[int] = set()
    for rows in (finals.filter(job__batch__in=batches), finals.filter(job__in=reused_ids)):
        for pk, job, *worn in rows.values_list(*columns):
            if pk not in seen and job not in repeated:
                seen.add(pk)
                yield pk, *worn
