"""Looks at photos in the library with the engine: one after another, whenever the lane is free.

One worker at a time: an import of a thousand photos must not keep renders waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import engine
from catalog.lanes import Backlog
from catalog.models import Asset, AssetQuerySet, Garment, Person
from catalog.photos import facts

log = logging.getLogger(__name__)

MODELS: tuple[Any, ...] = (Person, Garment)
# Renders wait in the same lane: give way to them this often.
SLICE_S = 3.0
# For one photo, with room to spare.
CLAIM = timedelta(seconds=120)


def is_left(now: datetime) -> bool:
    return any(model.objects.unmeasured(now).exists() for model in MODELS)


def in_hand(now: datetime) -> bool:
    return any(model.objects.claimed(now).exists() for model in MODELS)


backlog = Backlog("catalog.tasks.measure_photos", is_left, in_hand)


def wake_after_commit() -> None:
    """Ask for photos to be measured, once their rows are certain."""
    transaction.on_commit(backlog.wake)


def measure_one() -> bool:
    """Measure the next photo; whether there was one."""
    if engine.unavailable():
        return False
    now = timezone.now()
    for model in MODELS:
        photos = model.objects.unmeasured(now)
        asset = photos.first()
        if asset:
            measure(asset, photos, now)
            return True
    return False


def measure(asset: Asset, photos: AssetQuerySet[Any], now: datetime) -> bool:
    """Claim a photo, if it is one of `photos`, measure it and keep what was found.

    False where another worker measures it, or it cannot be read: then its claim has to run out.
    """
    if not asset.take_from(photos, now, CLAIM):
        return False
    try:
        with asset.wire.open("rb") as file:
            known = known_of(asset, file.read())
    except (OSError, engine.Refusal) as error:
        log.warning("%s %s cannot be measured: %s", type(asset).__name__, asset.pk, error)
        return False
    return asset.measured(known)


def known_of(asset: Asset, wire: bytes) -> dict[str, Any]:
    """All facts of an asset's wire bytes; those of the engine only where there is one."""
    known = facts.of_wire(wire)
    if engine.unavailable():
        return known
    from engine import inspection

    if isinstance(asset, Garment):
        return known | inspection.measure_garment(wire, asset.slot, _analysis_cache())
    return known | inspection.measure_person(wire)


def forget(hashes: Collection[str]) -> int:
    """Erase what the engine knows of these wire renditions; how many entries that were."""
    return _analysis_cache().delete(hashes)


@cache
def _analysis_cache() -> engine.AnalysisCache:
    """The local provider's cache, so that what is found out here is known there."""
    providers: dict[str, Any] = settings.PROVIDERS
    configured = providers.get("local", {}).get("OPTIONS", {})
    folder = configured.get("cache_dir", str(Path(settings.VAR_DIR) / "engine"))
    return engine.AnalysisCache(Path(folder))
