"""Result images by the local engine, in processes of its own."""

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
from sandbox.input_images import BAD_SIZE, BAD_URL, Fetched
from sandbox.object_storage import Picture
from sandbox.result_images import BAD_PERSON, FRAMES, INFERENCE_FAILED, NO_GARMENT, Crop


class Engine:
    """The local engine in processes of its own: the server stays quick, and a crash is a task's."""

    def __init__(self, processes: int = 1) -> None:
        self._processes = processes
        self._pool = self._new_pool()

    def tryon(
        self, person: Fetched, garments: Mapping[str, Fetched], resolution: int, label: str
    ) -> Picture:
        data = {slot: image.data for slot, image in slots_of(garments).items()}
        [made] = self._run("tryon", person.data, data)
        return _held(_framed(made, resolution)), "image/jpeg"

    def refine(self, person: Fetched, coarse: Fetched, label: str) -> Picture:
        [made] = self._run("refine", coarse.data, person.data)
        return _held(made), "image/jpeg"

    def parse(self, person: Fetched, parts: Sequence[str], label: str) -> list[Crop | None]:
        found = self._run("parse", person.data, tuple(parts))
        return [part and _crop_of(part) for part in found]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, operation: str, *args: Any) -> list[Any]:
        try:
            verdict, *rest = self._pool.submit(_in_child, operation, *args).result()
        except BrokenProcessPool:
            self._pool = self._new_pool()
            raise INFERENCE_FAILED from None
        if verdict != "made":
            raise _refusal(*rest)
        return rest

    def _new_pool(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a graph made before a fork hangs the child.
        return ProcessPoolExecutor(
            self._processes, mp_context=get_context("spawn"), initializer=_leave_ctrl_c_alone
        )


def engine_unavailable() -> str:
    """Why the local engine cannot be used here; "" when it can."""
    try:
        import engine
    except ImportError as error:
        return str(error)
    return engine.unavailable()


def slots_of(garments: Mapping[str, Fetched]) -> dict[str, Fetched]:
    """The protocol sends a dress where a top goes; a tall garment alone is taken for one."""
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


def _in_child(operation: str, *args: Any) -> tuple[Any, ...]:
    """Runs in the engine's process; answers plain values, because its errors may not pickle."""
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


def _framed(data: bytes, resolution: int) -> bytes:
    if resolution not in FRAMES:
        return data
    with Image.open(io.BytesIO(data)) as image:
        out = io.BytesIO()
        image.convert("RGB").resize(FRAMES[resolution]).save(out, "JPEG", quality=92)
    return out.getvalue()


def _crop_of(found: tuple[bytes, bytes, tuple[int, int, int, int]]) -> Crop:
    cutout, crop, box = found
    return Crop((_held(cutout), "image/png"), (_held(crop), "image/jpeg"), box)


def _held(data: bytes) -> partial[bytes]:
    return partial(bytes, data)


def _leave_ctrl_c_alone() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)
