"""Aidge's request bodies: one garment, on the person's photo or on a library model.

Source: the virtual try-on submit reference (read 2026-11-20).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from providers.contract import Capabilities, Choice, ImageRef, Option, TryOnRequest, Unsupported
from providers.error_mapping import image_not_reachable

# A long coat or a jumpsuit is a dress to the provider, too.
TYPES = {"top": "tops", "dress": "dresses"}
VIEWS = {"full": "fullbody", "half": "halfbody"}
GENDERS = {"woman": "female", "man": "male"}
BODIES = ("slim", "curvy")
MAX_MODEL_IMAGES = 8
# The options of `extra` that are translated; any other goes into the element as it is.
LIBRARY_MODEL, QUALITY_DETECT = "library_model", "quality_detect"


def _style(n: int) -> dict[str, str]:
    return {"base": "General", "style": f"universal_{n}"}


OPTIONS = (
    Option(
        LIBRARY_MODEL,
        gettext_noop("Who wears it"),
        gettext_noop("Of the person, a model of the library takes only the gender and the body."),
        (
            Choice("any", gettext_noop("A library model"), {"base": "General"}),
            Choice("1", gettext_noop("A library model, style 1"), _style(1)),
            Choice("2", gettext_noop("A library model, style 2"), _style(2)),
            Choice("3", gettext_noop("A library model, style 3"), _style(3)),
        ),
        gettext_noop("The person in the photo"),
    ),
    Option(
        QUALITY_DETECT,
        gettext_noop("Check the garment photos there, too"),
        gettext_noop("The provider then refuses blurred or incomplete flat lays."),
    ),
)


def request_body(request: TryOnRequest, capabilities: Capabilities) -> dict[str, Any]:
    """Return the body that expresses a request. Raises ProviderError with sent "no"."""
    _check(request, capabilities)
    other_options = {
        key: value
        for key, value in request.extra.items()
        if key not in (LIBRARY_MODEL, QUALITY_DETECT)
    }
    element = {
        "clothesList": [_garment_fields(request)],
        **_model_fields(request),
        "viewType": VIEWS.get(request.view, "mixed"),
        **_quality_fields(request),
        "generateCount": request.samples,
        **other_options,
    }
    people = element.get("modelImage", [])
    if not isinstance(people, list) or len(people) > MAX_MODEL_IMAGES:
        raise Unsupported("modelImage is a list of at most eight addresses.")
    # The reference calls it a list of objects; on the wire it is the JSON text of one.
    return {"requestParams": json.dumps([element], separators=(",", ":"))}


def _check(request: TryOnRequest, capabilities: Capabilities) -> None:
    known = capabilities.models.get(request.model)
    if known is None or known.operation != request.operation:
        raise Unsupported(f"Aidge has no model {request.model!r} to {request.operation}.")
    if len(request.garments) != 1 or set(request.garments) - capabilities.slots:
        raise Unsupported("Aidge dresses one top or one dress.")
    if not 1 <= request.samples <= capabilities.samples:
        raise Unsupported(f"Aidge makes 1 to {capabilities.samples} images per call.")
    if request.resolution != -1 or not request.restore_face:
        raise Unsupported("Aidge has neither a resolution nor a way to leave the face.")


def _garment_fields(request: TryOnRequest) -> dict[str, Any]:
    [(slot, garment)] = request.garments.items()
    # The documents: a garment photo is a complete flat lay, and others are refused (707).
    if garment.photo_type == "worn":
        raise Unsupported("Aidge needs a flat-lay photo of the garment, not a worn one.")
    return {"imageUrl": _image_url(garment), "type": TYPES[slot]}


def _model_fields(request: TryOnRequest) -> dict[str, Any]:
    if LIBRARY_MODEL not in request.extra:
        return {"modelImage": [_image_url(request.person)]}
    chosen = request.extra[LIBRARY_MODEL]
    if not isinstance(chosen, Mapping):
        raise Unsupported("library_model has base, name, gender, style and body, as needed.")
    model = dict(chosen)
    if request.gender in GENDERS:
        model.setdefault("gender", GENDERS[request.gender])
    if request.body in BODIES:
        model.setdefault("body", request.body)
    return {"model": model}


def _quality_fields(request: TryOnRequest) -> dict[str, int]:
    return (
        {"inputQualityDetect": int(bool(request.extra[QUALITY_DETECT]))}
        if QUALITY_DETECT in request.extra
        else {}
    )


def _image_url(image: ImageRef) -> str:
    if not image.url:
        raise image_not_reachable()
    return image.url
