"""The engine's interface: bytes in, bytes out."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

import engine
from engine import mediapipe_graphs
from tests.engine import drawn

DRESS = """
import hashlib, sys
import engine
person, top = (open(path, "rb").read() for path in sys.argv[1:])
print(hashlib.sha256(engine.tryon(person, {"top": top}).data).hexdigest())
"""


def is_green(image):
    b, g, r = (image[..., i].astype(int) for i in range(3))
    return (g > r + 25) & (g > b + 25)


def test_it_works(dressed):
    image = drawn.opened(dressed.data)
    torso = is_green(image)[260:480, 330:440]
    assert torso.mean() > 0.95
    assert (dressed.width, dressed.height) == (768, 1024)


def test_unavailable_names_the_missing_package(monkeypatch):
    assert engine.unavailable() == ""
    monkeypatch.setattr(engine, "MODELS", ("gone/gone.tflite",))
    assert "gone.tflite" in engine.unavailable()
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    assert "needs cv2: run `pip install" in engine.unavailable()


def test_importing_it_imports_no_opencv():
    code = "import sys, engine; print([m for m in ('cv2', 'mediapipe') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_wheel_carries_the_models():
    assert engine.missing_models() == []


def test_the_head_keeps_its_pixels(dressed):
    before, after = drawn.opened(drawn.photo("mannequin")), drawn.opened(dressed.data)
    face = np.s_[70:150, 350:420]
    assert np.abs(before[face].astype(int) - after[face]).mean() < 2
    assert np.abs(before[950:, :200].astype(int) - after[950:, :200]).mean() < 2


def test_the_old_top_is_gone(dressed):
    image = drawn.opened(dressed.data).astype(int)
    red = (image[..., 2] > image[..., 1] + 70) & (image[..., 2] > image[..., 0] + 70)
    assert red[200:560].mean() < 0.002


def test_same_input_same_bytes_in_another_process(dressed, tmp_path):
    paths = []
    for name in ("mannequin", "tee"):
        path = tmp_path / f"{name}.png"
        path.write_bytes(drawn.photo(name))
        paths.append(str(path))
    run = [sys.executable, "-c", DRESS, *paths]
    other = subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    assert other == hashlib.sha256(dressed.data).hexdigest()


def test_a_forked_child_can_dress(dressed):
    """Graphs of its own would crash or hang it: a parent's graphs leave threads behind."""
    mediapipe_graphs.run("face", np.zeros((512, 512, 3), np.uint8))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            again = engine.tryon(drawn.photo("mannequin"), {"top": drawn.photo("tee")})
            os.write(write, b"same" if again == dressed else b"other")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        assert answer.read() == b"same"
    assert os.waitpid(child, 0)[1] == 0
    assert mediapipe_graphs.run("face", np.zeros((512, 512, 3), np.uint8)) is not None


@pytest.mark.parametrize(
    ("size", "expected"), [((600, 800), (600, 800)), ((1800, 2400), (1536, 2048))]
)
def test_the_result_has_the_photos_own_size(size, expected):
    person = drawn.png(cv2.resize(drawn.opened(drawn.photo("mannequin")), size))
    made = engine.tryon(person, {"top": drawn.photo("tee")})
    assert (made.width, made.height) == expected
    assert drawn.opened(made.data).shape[:2] == expected[::-1]
    assert is_green(drawn.opened(made.data)).mean() > 0.05


def test_top_and_bottom_together():
    outfit = {"top": drawn.photo("tee"), "bottom": drawn.photo("trousers")}
    image = drawn.opened(engine.tryon(drawn.photo("mannequin"), outfit).data)
    assert is_green(image)[300:450, 340:430].mean() > 0.9
    legs = image[650:850, 325:345].reshape(-1, 3).mean(0)
    # The trousers are of a lighter blue than the mannequin's own.
    assert legs[0] > 115
    assert legs[1] > 70


def test_parse_cuts_out_what_is_worn():
    top, bottom, dress = engine.parse(drawn.photo("mannequin"), ["top", "bottom", "dress"])
    assert dress is None
    x1, y1, x2, y2 = top.box
    assert 150 < y1 < 230
    assert 500 < y2 < 600
    assert x1 < 300
    assert x2 > 470
    assert bottom.box[1] > y1 + 200
    cutout = cv2.imdecode(np.frombuffer(top.cutout, np.uint8), cv2.IMREAD_UNCHANGED)
    assert cutout.shape == (y2 - y1, x2 - x1, 4)
    assert cutout[..., 3].min() == 0
    assert cutout[..., 3].max() == 255
    crop = drawn.opened(top.crop)
    assert crop[:5, :5].mean() > 225


def test_parse_finds_a_dress_as_one_piece():
    purple = (150, 60, 120)
    worn = drawn.photo("mannequin", top=purple, bottom=purple)
    top, dress = engine.parse(worn, ["top", "dress"])
    assert top is None
    assert dress.box[3] - dress.box[1] > 500


def test_parse_refuses_unknown_parts():
    with pytest.raises(ValueError, match="hat"):
        engine.parse(drawn.photo("mannequin"), ["hat"])


def test_refine_brightens_and_calms_a_dim_picture():
    clear = cv2.resize(drawn.opened(drawn.photo("mannequin")), (384, 512))
    noise = np.random.RandomState(0).randn(*clear.shape) * 6
    dim = np.clip(clear * 0.5 + noise, 0, 255).astype(np.uint8)
    made = engine.refine(drawn.png(dim))
    fine = drawn.opened(made.data)
    assert fine.shape == dim.shape
    assert fine.mean() > dim.mean() * 1.15
    wall = np.s_[150:300, 10:50]
    assert fine[wall].std() / fine[wall].mean() < dim[wall].std() / dim[wall].mean()
    assert engine.refine(drawn.png(dim)) == made


def test_forget_closes_the_graphs():
    mediapipe_graphs.run("face", np.zeros((512, 512, 3), np.uint8))
    engine.close()
    assert not mediapipe_graphs._made
