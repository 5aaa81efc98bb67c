"""The local engine as a provider: no key, no network, every answer final."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

import engine
from providers.contract import (
    Capabilities,
    ImageRef,
    Kind,
    Model,
    Outcome,
    Provider,
    ProviderError,
    RemoteImage,
    TryOnRequest,
    Unsupported,
)
from providers.local.error_help import ERROR_HELP
from providers.local.image_rules import IMAGE_RULES

# The providers' codes for the engine's; what is not listed keeps its code.
ERROR_CODES = {
    "no_person": "InvalidPerson",
    "several_persons": "InvalidPerson",
    "person_too_small": "InvalidPerson",
    "not_frontal": "InvalidPerson",
    "body_not_visible": "InvalidPerson",
    "lower_body_not_visible": "InvalidPerson",
    "garment_not_found": "InvalidGarment",
    "garment_background_not_plain": "InvalidGarment",
    "garment_shape_unsupported": "InvalidGarment",
    "garment_has_person": "InvalidGarment",
    "image_too_small": "InvalidInputLength",
    "image_unreadable": "InvalidURL",
}


def capabilities(cores: int) -> Capabilities:
    """Return what the engine can do on so many processor cores."""
    return Capabilities(
        models={
            "local": Model("tryon"),
            "local-refiner": Model("refine"),
            "local-parsing": Model("parse"),
        },
        keep_rest=True,
        keeps_rest_itself=True,
        refine=True,
        runs_here=True,
        concurrency=cores,
        # As many again wait in the media lane, so that no core stands still between two images.
        lookahead=cores,
        typical_s=3,
    )


class Local(Provider):
    """Run the engine in the media lane: one image at a time in a process."""

    name = "local"
    display_name = _("Local engine")
    model_names: ClassVar = {
        "local": _("Local try-on"),
        "local-refiner": _("Local refiner"),
        "local-parsing": _("Local parsing"),
    }
    image_rules = IMAGE_RULES
    error_help = ERROR_HELP

    def __init__(self, *, cache_dir: str, cores: int) -> None:
        self.capabilities = capabilities(cores)
        self._cache = engine.AnalysisCache(Path(cache_dir))

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        return engine.unavailable()

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        return [self._run(request) for request in requests]

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        return [Outcome("lost", remote_id) for remote_id in remote_ids]

    def _run(self, request: TryOnRequest) -> Outcome:
        methods: dict[str, Callable[[TryOnRequest], Outcome]] = {
            "tryon": self._tryon,
            "parse": self._parse,
            "refine": self._refine,
        }
        try:
            _check(request, self.capabilities)
            return methods[request.operation](request)
        except ProviderError as error:
            return Outcome.failed(error)
        except engine.Refusal as refusal:
            code = ERROR_CODES.get(refusal.code, refusal.code)
            kind: Kind = "input"
            message = f"{refusal.subject}: {refusal.message} ({refusal.code})"
            return Outcome.failed(ProviderError(code, message, kind=kind, sent="yes"))

    def _tryon(self, request: TryOnRequest) -> Outcome:
        garments = {slot: _bytes_of(image) for slot, image in request.garments.items()}
        return _finished(engine.tryon(_bytes_of(request.person), garments, cache=self._cache))

    def _refine(self, request: TryOnRequest) -> Outcome:
        assert request.coarse is not None
        return _finished(engine.refine(_bytes_of(request.coarse), _bytes_of(request.person)))

    def _parse(self, request: TryOnRequest) -> Outcome:
        crops = engine.parse(_bytes_of(request.person), request.parts, cache=self._cache)
        images = [
            RemoteImage(data=crop.crop, part=part)
            for part, crop in zip(request.parts, crops, strict=True)
            if crop
        ]
        if not images:
            error = ProviderError(
                "InvalidGarment", "No such garment was found.", kind="input", sent="yes"
            )
            return Outcome.failed(error)
        return Outcome("succeeded", images=images, usage=1)


def _check(request: TryOnRequest, capabilities: Capabilities) -> None:
    """Raise Unsupported for what the engine cannot do, before it is called."""
    known = capabilities.models.get(request.model)
    if known is None or known.operation != request.operation:
        raise Unsupported(f"The engine has no model {request.model!r} to {request.operation}.")
    if request.samples != 1:
        raise Unsupported("The engine makes one image per call.")
    if request.operation == "refine":
        if request.coarse is None:
            raise Unsupported("Refining needs the try-on image.")
        return
    wanted = set(request.parts if request.operation == "parse" else request.garments)
    if not wanted or wanted - capabilities.slots:
        raise Unsupported("The engine knows a top, a bottom and a dress.")


def _bytes_of(image: ImageRef) -> bytes:
    try:
        return image.read()
    except OSError as error:
        name = type(error).__name__
    # Out here, because the error names the file.
    raise ProviderError("image_unreadable", name, kind="transient", sent="no")


def _finished(picture: engine.Picture) -> Outcome:
    image = RemoteImage(data=picture.data)
    return Outcome("succeeded", images=[image], usage=1, warnings=picture.warnings)
