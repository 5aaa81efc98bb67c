"""Garments as a table that an import takes back without a change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.http import QueryDict

from catalog.imports.columns import EXPORTED, joined
from catalog.imports.table import lines
from catalog.library.search import Search
from catalog.models import Garment

CHUNK = 500


def chosen(query: QueryDict, on: date) -> QuerySet[Garment]:
    """Garments by the words of the library's address, and by `sku`, a number as it stands."""
    rows: QuerySet[Garment] = Search(Garment, query, on).rows()
    sku = query.get("sku", "").replace("\0", "")
    return rows.filter(sku=sku) if sku else rows


def table(garments: QuerySet[Garment]) -> Iterator[str]:
    """The lines of the table, a few hundred garments in memory at a time."""
    return lines(_rows(garments))


def _rows(garments: QuerySet[Garment]) -> Iterator[tuple[object, ...]]:
    yield EXPORTED
    rows = garments.order_by("pk").prefetch_related("collections", "tags")
    for garment in rows.iterator(chunk_size=CHUNK):
        yield (
            garment.sku,
            garment.name,
            garment.slot,
            garment.photo_type,
            garment.season,
            joined(each.name for each in garment.collections.all()),
            joined(each.name for each in garment.tags.all()),
            "yes" if garment.archived_at else "no",
            garment.sha256,
        )
