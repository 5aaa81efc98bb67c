"""Result images by the local engine, in child processes."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import Any

from PIL import Image, ImageChops

from sandbox.http_messages import Refused
from sandbox.input_images import BAD_SIZE, BAD_URL, InputImage
from sandbox.object_storage import Picture
from sandbox.result_images import BAD_PERSON, FRAMES, INFERENCE_FAILED, NO_GARMENT, Crop


class EngineRenderer:
    """Render in child processes: the server stays quick, and a crash fails one task only."""

    def __init__(self, processes: int = 1) -> None:
        self._processes = processes
        self._pool = self._new_pool()

    def tryon(
        self, person: InputImage, garments: Mapping[str, InputImage], resolution: int, label: str
    ) -> Picture:
        data = {slot: image.data for slot, image in worn_slots(garments).items()}
        [made] = self._run("tryon", person.data, data)
        return _returning(_resized(made, resolution)), "image/jpeg"

    def refine(self, person: InputImage, coarse: InputImage, label: str) -> Picture:
        [made] = self._run("refine", coarse.data, person.data)
        return _returning(made), "image/jpeg"

    def parse(self, person: InputImage, parts: Sequence[str], label: str) -> list[Crop | None]:
        found = self._run("parse", person.data, tuple(parts))
        return [part and _crop_from(part) for part in found]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, operation: str, *args: Any) -> list[Any]:
        try:
            verdict, *rest = self._pool.submit(_run_in_child, operation, *args).result()
        except BrokenProcessPool:
            self._pool = self._new_pool()
            raise INFERENCE_FAILED from None
        if verdict != "made":
            raise _refusal(*rest)
        return rest

    def _new_pool(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a graph made before a fork hangs the child.
        return ProcessPoolExecutor(
            self._processes, mp_context=get_context("spawn"), initializer=_ignore_interrupts
        )


def engine_unavailable() -> str:
    """Return why the local engine cannot be used here; "" when it can."""
    try:
        import engine
    except ImportError as error:
        return str(error)
    return engine.unavailable()


def worn_slots(garments: Mapping[str, InputImage]) -> dict[str, InputImage]:
    """Return the garments by the slot they are worn in.

    The protocol sends a dress as a top, so a tall garment alone is taken for a dress.
    """
    if set(garments) == {"top"} and _is_tall(garments["top"].data):
        return {"dress": garments["top"]}
    return dict(garments)


def _is_tall(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize((128, max(1, 128 * image.height // image.width)))
    ground = Image.new("RGB", small.size, small.getpixel((1, 1)))
    difference = ImageChops.difference(small, ground).convert("L").point(lambda v: 255 * (v > 24))
    box = difference.getbbox() or (0, 0, *small.size)
    return (box[3] - box[1]) > 1.5 * (box[2] - box[0])


def _run_in_child(operation: str, *args: Any) -> tuple[Any, ...]:
    """Run an operation in the child; return plain values, because its errors may not pickle."""
    import engine

    try:
        made = getattr(engine, operation)(*args)
    except engine.Refusal as refusal:
        return "refused", str(refusal.code), str(refusal.subject)
    if operation != "parse":
        return "made", made.data
    return "made", *(crop and (crop.cutout, crop.crop, tuple(crop.box)) for crop in made)


def _refusal(code: str, subject: str) -> Refused:
    if code == "image_too_small":
        return BAD_SIZE
    if subject == "coarse":
        return BAD_URL
    return BAD_PERSON if subject == "person" else NO_GARMENT


def _resized(data: bytes, resolution: int) -> bytes:
    if resolution not in FRAMES:
        return data
    with Image.open(io.BytesIO(data)) as image:
        out = io.BytesIO()
        image.convert("RGB").resize(FRAMES[resolution]).save(out, "JPEG", quality=92)
    return out.getvalue()


def _crop_from(found: tuple[bytes, bytes, tuple[int, int, int, int]]) -> Crop:
    cutout, crop, box = found
    return Crop((_returning(cutout), "image/png"), (_returning(crop), "image/jpeg"), box)


def _returning(data: bytes) -> partial[bytes]:
    return partial(bytes, data)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)
