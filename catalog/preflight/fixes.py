"""Mend what a provider would refuse in a photo: a new wire rendition, the original stays.

A photo that try-ons were made of is not mended: a job finds what it sent by way of the asset, a
refine must send the same pixels as the try-on before it, and the page of a result says what was
sent. Such a photo is added again, and that one mended.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, ImageStat

from catalog.models import Asset
from catalog.models.asset import UNMEASURED
from catalog.photos import facts, ingest, pixels
from catalog.photos.refusals import Refused
from catalog.preflight import measure
from catalog.preflight.findings import findings

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What every provider takes: the strictest of providers.image_rules, with room to spare.
LEAST_SHORT, LEAST_LONG = 512, 688
RATIO = 4 / 3
MARGIN = 0.06  # around a person or garment, of its longer side
RECOMPRESSED_SIDE = 1600


def in_use() -> Refused:
    text = _(
        "Try-ons were made of this photo, so it stays as it was sent. "
        "Add the photo again and mend that one."
    )
    return Refused("in_use", text)


def apply(asset: Asset, mend: str) -> bool:
    """Give the asset a mended wire rendition; False where it was mended by somebody meanwhile.

    Reads and writes files: call it outside of any transaction. Raises Refused where it is in use.
    """
    model = type(asset)
    rows = model._default_manager.filter(pk=asset.pk, wire_sha256=asset.wire_sha256)
    if not model._default_manager.filter(pk=asset.pk).unused().exists():
        raise in_use()
    image = mended(_picture(asset, mend), mend, asset.facts)
    wire = pixels.wire_jpeg(image)
    sha256 = hashlib.sha256(wire).hexdigest()
    folder = str(asset.wire.name).rpartition("/")[0]
    name = default_storage.save(f"{folder}/wire-{sha256[:16]}.jpg", ContentFile(wire))
    mine = copy(asset)
    mine.facts = facts.of_rendition(wire, image, image.size)
    mine.judge()
    changes = {"wire": name, "wire_sha256": sha256, "facts": mine.facts, "verdict": mine.verdict}
    changes |= {"wire_width": image.width, "wire_height": image.height}
    changes |= UNMEASURED
    # One statement: a job that is launched meanwhile either sees the new photo or stops this.
    free = model._default_manager.filter(pk=asset.pk).unused().values("pk")
    done = rows.filter(pk__in=free).update(**changes)
    if done:
        asset.refresh_from_db()
        measure.wake_after_commit()
    return bool(done)


def tell(asset: Asset, mend: str) -> tuple[int, str]:
    """Apply a remedy that the findings of today offer, and say what came of it, and how well."""
    if mend not in {finding.mend for finding in findings(asset)} - {""}:
        return messages.WARNING, str(_stale())
    try:
        done = apply(asset, mend)
    except (Refused, OSError) as error:
        return messages.ERROR, str(error)
    if not done:
        return messages.WARNING, str(_stale())
    size = "{} × {}".format(*asset.wire_size)
    text = _("Mended. Providers now get it with %s pixels; the original stays.")
    return messages.SUCCESS, str(text) % size


def _stale() -> StrOrPromise:
    return _("Nothing was mended: the photo has changed. Look at its findings again.")


def apply_all(asset: Asset) -> list[str]:
    """Apply the remedies of all findings, one after another; return which."""
    done: list[str] = []
    while mends := [f.mend for f in findings(asset) if f.mend and f.mend not in done]:
        if not apply(asset, mends[0]):
            break
        done.append(mends[0])
    return done


def mended(image: Image.Image, mend: str, known: Mapping[str, Any]) -> Image.Image:
    """The picture with one remedy applied; `known` are its facts."""
    if mend == "crop":
        image = cropped(image, known["box"])
    elif mend == "pad":
        image = padded(image)
    elif mend == "recompress":
        image = pixels.shrunk(image, RECOMPRESSED_SIDE)
    elif mend not in {"convert", "resize"}:
        raise ValueError(f"{mend} is not a remedy")
    return pixels.shrunk(enlarged(image), ingest.WIRE_SIDE) if mend != "convert" else image


def enlarged(image: Image.Image) -> Image.Image:
    """At least as large as every provider asks for, unless that would only be a blur."""
    short, long = sorted(image.size)
    scale = min(2.0, max(1.0, LEAST_SHORT / short, LEAST_LONG / long))
    size = (round(image.width * scale), round(image.height * scale))
    return image if scale == 1 else image.resize(size, Image.Resampling.LANCZOS)


def padded(image: Image.Image) -> Image.Image:
    """Towards 3 : 4 with the colour of its border; never smaller."""
    width, height = image.size
    if height >= width:
        size = (max(width, round(height / RATIO)), height)
    else:
        size = (width, max(height, round(width / RATIO)))
    return ImageOps.pad(image, size, color=_border(image))


def cropped(image: Image.Image, box: list[float]) -> Image.Image:
    """To a box in shares of the picture, with a margin, between 3 : 4 and 4 : 3 where it can."""
    width, height = image.size
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    margin = MARGIN * max(right - left, bottom - top)
    wide, tall = right - left + 2 * margin, bottom - top + 2 * margin
    # Only the shorter side grows: the longer one would get its margin back.
    wide, tall = max(wide, tall / RATIO), max(tall, wide / RATIO)
    middle, centre = (left + right) / 2, (top + bottom) / 2
    edges = (middle - wide / 2, centre - tall / 2, middle + wide / 2, centre + tall / 2)
    left, top, right, bottom = (max(0, round(edge)) for edge in edges)
    return image.crop((left, top, min(right, width), min(bottom, height)))


def _border(image: Image.Image) -> tuple[int, ...]:
    inner = Image.new("L", image.size, 255)
    inner.paste(0, (2, 2, image.width - 2, image.height - 2))
    return tuple(ImageStat.Stat(image, inner).median)


def _picture(asset: Asset, mend: str) -> Image.Image:
    """The wire rendition; for a crop the original, where that still shows the same picture."""
    source = asset.wire
    if mend == "crop" and str(asset.wire.name).endswith("/wire.jpg"):
        source = asset.original
    with source.open("rb") as file:
        image = Image.open(io.BytesIO(file.read()))
    width, height = image.size[::-1] if pixels.lies_on_its_side(image) else image.size
    return pixels.normalised(image, pixels.fitted(width, height, 2 * ingest.WIRE_SIDE))
