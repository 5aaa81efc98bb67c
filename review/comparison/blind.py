"""The cells of a comparison, their images in an order that tells nobody whose they are."""

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

from jobs.models import Batch, Comparison, Result, TryOnJob
from review.models import Preference

# A person's id and those of a top, a bottom and a dress; 0 where there is none.
Key = tuple[int, int, int, int]
_WORN = ("person", "top", "bottom", "dress")


def written(key: Sequence[int | None]) -> str:
    """As it stands in addresses and in the database."""
    return "-".join(str(part or 0) for part in key)


def _mixed(*words: object) -> str:
    """As good as random, but always the same of the same words; nobody can work it out."""
    text = ":".join(map(str, words)).encode()
    return hmac.new(settings.SECRET_KEY.encode(), b"blind:" + text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Cell:
    """`images` are ids of results; `whose` are the reviewer's and the comparison's."""

    key: str
    images: tuple[int, ...]
    whose: tuple[int, int]

    @cached_property
    def results(self) -> tuple[int, ...]:
        """In the order in which this reviewer sees their images."""
        return tuple(sorted(self.images, key=lambda pk: _mixed(*self.whose, self.key, pk)))

    @property
    def letters(self) -> dict[str, int]:
        return dict(zip(ascii_uppercase, self.results, strict=False))

    @property
    def seal(self) -> str:
        """Changes with the images: a letter that is posted means what it meant on the page."""
        return _mixed("seal", self.key, *self.results)[:16]


class BlindComparison:
    """A comparison as one reviewer sees it: every cell of which there are two images or more.

    A launch is of a few thousand cells at most: they are read at once, as ids.
    """

    def __init__(self, comparison: Comparison, user: Any) -> None:
        self.comparison, self.user = comparison, user
        self.batches = list(
            Batch.objects.filter(comparison=comparison).values_list("pk", flat=True)
        )
        self.waiting = set(map(written, self._unfinished()))
        self.cells = {cell.key: cell for cell in self._cells()}
        mine = Preference.objects.filter(comparison=comparison, by=user)
        self.chosen = set(mine.values_list("cell", flat=True)) & self.cells.keys()

    def _unfinished(self) -> Any:
        jobs = TryOnJob.objects.filter(batch__in=self.batches).unfinished()
        return jobs.order_by().values_list(*_WORN)

    def _cells(self) -> Iterator[Cell]:
        found: dict[Key, list[int]] = defaultdict(list)
        for pk, *worn in _images(self.batches):
            found[_key(worn)].append(pk)
        for key, results in sorted(found.items()):
            name = written(key)
            if len(results) > 1 and name not in self.waiting:
                yield Cell(name, tuple(results), (self.user.pk, self.comparison.pk))

    @cached_property
    def keys(self) -> list[str]:
        return list(self.cells)

    @property
    def left(self) -> int:
        return len(self.cells) - len(self.chosen)

    def next_open(self, after: str = "") -> str:
        """The next cell without a choice, from there on and then from the beginning; "" if none."""
        at = self.keys.index(after) + 1 if after in self.cells else 0
        around = [*self.keys[at:], *self.keys[:at]]
        return next((key for key in around if key not in self.chosen), "")

    def neighbours(self, key: str) -> tuple[str, str]:
        """The cells before and after this one; "" at the ends."""
        at = self.keys.index(key)
        before = self.keys[at - 1] if at else ""
        return before, self.keys[at + 1] if at + 1 < len(self.keys) else ""


def _key(worn: Sequence[int | None]) -> Key:
    person, top, bottom, dress = (part or 0 for part in worn)
    return person, top, bottom, dress


def _images(batches: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """(id, person, top, bottom, dress) of the final images of these batches, and of their offers.

    Of a try-on that was repeated, those of the repetition only.
    """
    repetitions = TryOnJob.objects.filter(batch__in=batches, repeat_of__isnull=False).order_by()
    again = set(repetitions.values_list("repeat_of", flat=True))
    offers = Batch.reused_jobs.through.objects.filter(batch__in=batches)
    offered = list(offers.values_list("tryonjob", flat=True))
    finals = Result.objects.final().order_by()
    columns = ("pk", "job", *(f"job__{slot}" for slot in _WORN))
    seen: set[int] = set()
    for rows in (finals.filter(job__batch__in=batches), finals.filter(job__in=offered)):
        for pk, job, *worn in rows.values_list(*columns):
            if pk not in seen and job not in again:
                seen.add(pk)
                yield pk, *worn
