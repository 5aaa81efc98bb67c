"""Result images: drawn ones, and what the engine's answers become."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageDraw

from sandbox.engine_pool import EngineRenderer, worn_slots
from sandbox.http_messages import Refused
from sandbox.input_images import InputImage, check_image
from sandbox.result_images import PreparedRenderer, draw_picture
from tests.sandbox.calls import picture


class Refusal(Exception):
    def __init__(self, code: str, message: str, subject: str) -> None:
        super().__init__(code)
        self.code, self.message, self.subject = code, message, subject


def garment(width: int, height: int) -> InputImage:
    """A dark shape of this size on a light ground."""
    image = Image.new("RGB", (600, 800), "white")
    left, top = (600 - width) // 2, (800 - height) // 2
    ImageDraw.Draw(image).rectangle((left, top, left + width, top + height), fill="navy")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return InputImage(out.getvalue(), 600, 800)


def person() -> InputImage:
    return check_image(picture())


def test_it_works() -> None:
    read, content_type = PreparedRenderer().tryon(person(), {}, -1, "task-1")
    assert content_type == "image/jpeg"
    assert check_image(read()).size == (300, 400)


@pytest.mark.parametrize("size", [(151, 151), (768, 1024), (4095, 160)])
def test_drawn_images_are_inputs_that_keep_the_rules(size: tuple[int, int]) -> None:
    assert check_image(draw_picture(size, "task-1")).size == size
    assert (
        draw_picture(size, "task-1") == draw_picture(size, "task-1") != draw_picture(size, "task-2")
    )


def test_a_tall_garment_alone_is_a_dress() -> None:
    top, dress = garment(400, 420), garment(260, 700)
    assert list(worn_slots({"top": top})) == ["top"]
    assert list(worn_slots({"top": dress})) == ["dress"]
    assert list(worn_slots({"top": dress, "bottom": top})) == ["top", "bottom"]


class InProcess(EngineRenderer):
    """Runs what the engine's process would run, here."""

    def __init__(self) -> None:
        self._pool: Any = SimpleNamespace(submit=self._submit, shutdown=lambda **_: None)

    def _submit(self, function: Any, *args: Any) -> Any:
        return SimpleNamespace(result=lambda: function(*args))


def with_engine(monkeypatch: pytest.MonkeyPatch, **functions: Any) -> EngineRenderer:
    fake = SimpleNamespace(Refusal=Refusal, **functions)
    monkeypatch.setitem(sys.modules, "engine", fake)
    return InProcess()


def test_the_engines_try_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def tryon(photo: bytes, garments: dict[str, bytes]) -> Any:
        seen.append((photo, sorted(garments)))
        return SimpleNamespace(data=picture(seed=2))

    engine = with_engine(monkeypatch, tryon=tryon)
    top = garment(400, 420)
    read, _ = engine.tryon(person(), {"top": top, "bottom": top}, -1, "t")
    assert read() == picture(seed=2)
    read, _ = engine.tryon(person(), {"top": top}, 1024, "t")
    assert check_image(read()).size == (576, 1024)
    assert seen[0] == (picture(), ["bottom", "top"])


def test_the_engines_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    crop = SimpleNamespace(cutout=b"png", crop=b"jpeg", box=(1, 2, 3, 4))
    engine = with_engine(monkeypatch, parse=lambda photo, parts: [None, crop])
    nothing, found = engine.parse(person(), ["top", "bottom"], "t")
    assert nothing is None
    assert found is not None
    assert (found.crop[0](), found.cutout[1], found.box) == (b"jpeg", "image/png", (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("code", "subject", "expected"),
    [
        ("no_person", "person", "InvalidPerson"),
        ("garment_unclear", "top", "InvalidGarment"),
        ("image_too_small", "top", "InvalidInputLength"),
        ("unreadable", "coarse", "InvalidURL"),
    ],
)
def test_the_engines_refusals(
    monkeypatch: pytest.MonkeyPatch, code: str, subject: str, expected: str
) -> None:
    def refine(coarse: bytes, photo: bytes) -> Any:
        raise Refusal(code, "why", subject)

    engine = with_engine(monkeypatch, refine=refine)
    with pytest.raises(Refused) as caught:
        engine.refine(person(), person(), "t")
    assert caught.value.code == expected
