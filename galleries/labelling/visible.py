"""The visible mark: white text on a dark plate in the lower right corner."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# A part of Noto Sans CJK SC Bold (SIL OFL 1.1, see OFL.txt): Latin and the characters of the usual
# Chinese wordings. It ships, so that a mark looks the same on every machine.
FONT = Path(__file__).with_name("label.otf")

# GB 45438-2025, 5.2: the characters are at least 5 % of the shortest side high, at an edge or
# corner (as reported by law firms and the press; read 2026-11-25). The capital A is what we
# measure: Chinese characters are higher.
TEXT_HEIGHT_SHARE = 0.05
# Smaller than this nobody reads it, however small the picture is.
MIN_HEIGHT_PX = 10
# White on this plate has a contrast of 6:1 even where the picture below is white.
PLATE_COLOUR = (0, 0, 0, 168)
TEXT_COLOUR = (255, 255, 255, 255)
# No character of any font: what is drawn for it is what is drawn for every missing one.
NO_CHARACTER = "\U0010ffff"


def with_text(image: Image.Image, text: str) -> Image.Image:
    """Return the RGB image with `text` written into its lower right corner."""
    font, box = _font_and_box(image, text)
    width, height = box[2] - box[0], box[3] - box[1]
    pad = max(2, round(height * 0.28))
    plate = Image.new("RGBA", (width + 3 * pad, height + 2 * pad), (0, 0, 0, 0))
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), pad, PLATE_COLOUR)
    draw.text((1.5 * pad - box[0], pad - box[1]), text, TEXT_COLOUR, font)
    out = image.copy()
    at = (image.width - plate.width - pad, image.height - plate.height - pad)
    out.paste(plate, (max(0, at[0]), max(0, at[1])), plate)
    return out


def text_height(image_size: tuple[int, int]) -> int:
    """Return the least height of capitals, in pixels, in a picture of this size."""
    return max(MIN_HEIGHT_PX, -int(-min(image_size) * TEXT_HEIGHT_SHARE // 1))


def can_draw(text: str) -> bool:
    return not missing_characters(text)


@lru_cache(maxsize=8)
def missing_characters(text: str) -> str:
    """The characters of `text` that our font cannot write."""
    font = ImageFont.truetype(FONT, 32)
    missing = bytes(font.getmask(NO_CHARACTER))
    return "".join(c for c in text if c.strip() and bytes(font.getmask(c)) == missing)


def _font_and_box(image: Image.Image, text: str) -> tuple[ImageFont.FreeTypeFont, tuple[int, ...]]:
    """The smallest font whose capitals are high enough, and the ink's box of the text in it."""
    wanted = text_height(image.size)
    size = wanted
    while (font := _font(size)) and _capital_height(font) < wanted:
        size += 1
    left, top, right, bottom = font.getbbox(text)
    return font, (int(left), int(top), -int(-right // 1), -int(-bottom // 1))


def _capital_height(font: ImageFont.FreeTypeFont) -> float:
    _left, top, _right, bottom = font.getbbox("A")
    return bottom - top


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)
