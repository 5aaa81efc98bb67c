"""The one way in for a photo: prepare its files, make its row, ask for it to be measured."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from catalog.models import Asset
from catalog.models.asset import A
from catalog.photos import ingest
from catalog.preflight import measure


def add_photo(
    model: type[A],
    data: bytes,
    *,
    name: str,
    by: AbstractBaseUser | None = None,
    **attributes: Any,
) -> A:
    """Make an asset from the bytes of a photo. Call it outside of any transaction.

    Raises Refused for the photo, ValidationError for the attributes. An exact duplicate becomes a
    row of its own, see Asset.duplicates().
    """
    asset = prepare(model, data, name=name, created_by=by, **attributes)
    asset.save(force_insert=True)
    measure.wake_after_commit()
    return asset


def prepare(model: type[A], data: bytes, **attributes: Any) -> A:
    """An asset of a photo with its files written, and no row yet. As add_photo for the rest."""
    asset = model(**attributes)
    asset.full_clean(exclude=Asset.PHOTO_FIELDS)
    asset.set_photo(ingest.save(ingest.prepare(data), str(model._meta.model_name)))
    return asset
