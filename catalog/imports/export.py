"""Garments as a table that an import takes back without a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from catalog.imports.columns import EXPORTED, joined
from catalog.imports.table import lines
from catalog.models import Collection, Garment, Tag

CHUNK = 500


def chosen(wanted: Mapping[str, str]) -> QuerySet[Garment]:
    """Garments by sku, slot, collection, season, tag (a name or a number) and archived (yes, all).

    Without `archived` only what is in the library; what names nothing known finds nothing.
    """
    rows = Garment.objects.all()
    wanted = {name: text.replace("\0", "") for name, text in wanted.items()}
    for field in ("sku", "slot", "season"):
        if wanted.get(field):
            rows = rows.filter(**{field: wanted[field]})
    for field, model in (("collection", Collection), ("tag", Tag)):
        if wanted.get(field):
            rows = rows.filter(pk__in=_named(model, wanted[field]).values("garments"))
    archived = wanted.get("archived", "")
    if archived == "all":
        return rows
    return rows.archived() if archived == "yes" else rows.active()


def _named(model: Any, said: str) -> QuerySet[Any]:
    numbered = said.isdecimal() and len(said) < 19
    rows: QuerySet[Any] = model.objects.filter(Q(name=said) | Q(pk=int(said) if numbered else 0))
    return rows


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
