"""Many try-ons on one picture: person, garments and result side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageOps

from jobs.models import TryOnJob

# Pixels of a 3:4 picture, columns of tiles, a neutral warm grey.
PICTURE_SIZE = (240, 320)
GAP = 8
COLUMNS = 3
BACKGROUND, TEXT_COLOUR = (244, 242, 239), (70, 60, 60)


def contact_sheet(jobs: Sequence[TryOnJob]) -> bytes:
    """A JPEG of all jobs in order. They come with persons, garments and results loaded."""
    tiles = [_tile(job) for job in jobs]
    columns = min(COLUMNS, len(tiles)) or 1
    rows = -(-len(tiles) // columns)
    width, height = 3 * PICTURE_SIZE[0] + 3 * GAP, PICTURE_SIZE[1] + GAP
    sheet = Image.new("RGB", (columns * width, rows * height), BACKGROUND)
    for n, tile in enumerate(tiles):
        sheet.paste(tile, (n % columns * width, n // columns * height))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()


def _tile(job: TryOnJob) -> Image.Image:
    tile = Image.new("RGB", (3 * PICTURE_SIZE[0] + 2 * GAP, PICTURE_SIZE[1]), BACKGROUND)
    tile.paste(_picture(job.person.large.name, PICTURE_SIZE), (0, 0))
    garments = list(job.garments().values())
    for n, garment in enumerate(garments):
        size = (PICTURE_SIZE[0], PICTURE_SIZE[1] // len(garments))
        tile.paste(_picture(garment.large.name, size), (PICTURE_SIZE[0] + GAP, n * size[1]))
    final = [result for result in job.results.all() if result.role == "final"]
    last = _picture(final[0].large.name, PICTURE_SIZE) if final else _text_panel(job)
    tile.paste(last, (2 * (PICTURE_SIZE[0] + GAP), 0))
    return tile


def _picture(name: str | None, size: tuple[int, int]) -> Image.Image:
    with default_storage.open(name or "") as file:
        return ImageOps.pad(Image.open(file).convert("RGB"), size, color=BACKGROUND)


def _text_panel(job: TryOnJob) -> Image.Image:
    panel = Image.new("RGB", PICTURE_SIZE, BACKGROUND)
    ImageDraw.Draw(panel).text((GAP, GAP), f"{job.state}\n{job.error_code}", TEXT_COLOUR)
    return panel
