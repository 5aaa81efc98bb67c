"""Bytes to pixels and back."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from jobs.engine import Refusal
from jobs.engine.stages import images


def encoded(image, suffix=".png"):
    return cv2.imencode(suffix, image)[1].tobytes()


def test_it_works():
    image = np.random.RandomState(0).randint(0, 255, (30, 20, 3)).astype(np.uint8)
    assert (images.decode(encoded(image), "person") == image).all()


def test_a_transparent_png_lies_on_a_light_ground():
    cutout = np.zeros((10, 10, 4), np.uint8)
    cutout[:5] = (0, 0, 200, 255)
    image = images.decode(encoded(cutout), "top")
    assert image[2, 2].tolist() == [0, 0, 200]
    assert image[8, 8].tolist() == list(images.PLAIN_GROUND_BGR)


def test_grey_and_sixteen_bit_files_become_colour():
    assert images.decode(encoded(np.full((9, 9), 70, np.uint8)), "top").shape == (9, 9, 3)
    assert images.decode(encoded(np.full((9, 9, 3), 40_000, np.uint16)), "top").dtype == np.uint8


def test_a_turned_photo_stands_upright():
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(turned, "JPEG", exif=exif)
    assert images.decode(turned.getvalue(), "person").shape == (40, 20, 3)


def test_the_jpeg_keeps_full_colour_resolution():
    picture = Image.open(io.BytesIO(images.to_jpeg(np.zeros((32, 32, 3), np.uint8))))
    assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3


def test_working_and_output_sizes():
    large = np.zeros((3000, 1500, 3), np.uint8)
    assert images.fit(large).shape[:2] == (1024, 512)
    assert images.at_most(large, 2048).shape[:2] == (2048, 1024)
    assert images.at_most(large[:1000, :500], 2048).shape[:2] == (1000, 500)


@pytest.mark.parametrize(("width", "height"), [(287, 900), (400, 511)])
def test_small_sides(width, height):
    with pytest.raises(Refusal, match=f"{width} × {height}"):
        images.check_size(np.zeros((height, width, 3), np.uint8), "person")
    images.check_size(np.zeros((512, 288, 3), np.uint8), "person")
