"""Bytes to pixels and back."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from engine import Refusal
from engine.imaging import codec


def encoded(image, suffix=".png"):
    return cv2.imencode(suffix, image)[1].tobytes()


def test_it_works():
    image = np.random.RandomState(0).randint(0, 255, (30, 20, 3)).astype(np.uint8)
    assert (codec.decode(encoded(image), "person") == image).all()


def test_a_transparent_png_lies_on_a_light_ground():
    cutout = np.zeros((10, 10, 4), np.uint8)
    cutout[:5] = (0, 0, 200, 255)
    image = codec.decode(encoded(cutout), "top")
    assert image[2, 2].tolist() == [0, 0, 200]
    assert image[8, 8].tolist() == list(codec.PLAIN_GROUND_BGR)


def test_grey_and_sixteen_bit_files_become_colour():
    assert codec.decode(encoded(np.full((9, 9), 70, np.uint8)), "top").shape == (9, 9, 3)
    assert codec.decode(encoded(np.full((9, 9, 3), 40_000, np.uint16)), "top").dtype == np.uint8


def test_a_turned_photo_stands_upright():
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(turned, "JPEG", exif=exif)
    assert codec.decode(turned.getvalue(), "person").shape == (40, 20, 3)


def test_the_jpeg_keeps_full_colour_resolution():
    picture = Image.open(io.BytesIO(codec.encode_jpeg(np.zeros((32, 32, 3), np.uint8))))
    assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3


def test_working_and_output_sizes():
    large = np.zeros((3000, 1500, 3), np.uint8)
    assert codec.fit(large).shape[:2] == (1024, 512)
    assert codec.limit_size(large, 2048).shape[:2] == (2048, 1024)
    assert codec.limit_size(large[:1000, :500], 2048).shape[:2] == (1000, 500)


@pytest.mark.parametrize(("width", "height"), [(287, 900), (400, 511)])
def test_small_sides(width, height):
    with pytest.raises(Refusal, match=f"{width} × {height}"):
        codec.check_size(np.zeros((height, width, 3), np.uint8), "person")
    codec.check_size(np.zeros((512, 288, 3), np.uint8), "person")
