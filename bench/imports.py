"""A thousand garments, one in twenty of them broken: in once, explained, and again without change.

The photos are recoloured prints of what demo/render made. The import runs alone in this process,
beside bare Pillow that decodes and resizes the same files; then the same ZIP is uploaded again to
both lanes as production runs them. Prints a table and, last, one line of JSON; exits 1 where a
limit is not held.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import harness
from PIL import Image

# Images a second against bare Pillow in one process; what an upload may take to be answered.
LIMITS = {"ratio": 0.25, "request_s": 3.0}
BROKEN = {
    "truncated": "truncated",
    "text": "unsupported_format",
    "twice": "other_photo",
    "slot": "unknown_slot",
    "address": "private_address",
}
COLUMNS = ("sku", "name", "slot", "season", "collections", "tags", "file", "photo_url")


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="toile-bench-") as folder:
        harness.install(Path(folder), options.database)
        figures = _measured(Path(folder), options.garments)
    broken = _broken(figures, options.garments)
    print("\n".join(f"{name:14}{value}" for name, value in figures.items()))
    print(json.dumps({"figures": figures, "limits": LIMITS, "broken": broken, "ok": not broken}))
    return bool(broken)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--garments", type=int, default=1000)
    parser.add_argument("--database", default="", help="DATABASE_URL (default: SQLite), empty")
    return parser.parse_args()


def _measured(folder: Path, count: int) -> dict[str, Any]:
    packed = folder / "garments.zip"
    _pack(packed, count)
    client = _client()
    first, request_s = _upload(client, packed)
    bare = _bare(packed) / 2
    seconds, slices, longest = _work(first)
    bare += _bare(packed) / 2
    first.refresh_from_db()
    before = _library()
    with harness.Lanes():
        again, again_request_s = _upload(client, packed)
        again_s = _wait(again)
    photos = first.created
    return {
        "rows": first.total,
        "created": first.created,
        "explained": _explained(first),
        "again": f"{again.created} created, {again.updated} updated, {again.unchanged} unchanged",
        "same_library": _library() == before,
        "codes": dict(Counter(first.rows.filter(state="refused").values_list("code", flat=True))),
        "request_s": round(max(request_s, again_request_s), 2),
        "seconds": round(seconds, 1),
        "per_second": round(photos / seconds, 1),
        "bare_per_second": round(photos / bare, 1),
        "ratio": round(bare / seconds, 3),
        "slices": slices,
        "longest_slice_s": round(longest, 1),
        "again_s": round(again_s, 1),
    }


# --- the photos ---


def _pack(packed: Path, count: int) -> None:
    bad = count // 20
    table = io.StringIO()
    rows = csv.DictWriter(table, COLUMNS)
    rows.writeheader()
    with zipfile.ZipFile(packed, "w") as archive:
        for n, (slot, photo) in zip(range(count), _prints(), strict=False):
            row = {"sku": f"SKU-{n:04}", "name": f"Garment {n}", "slot": slot, "season": "SS27"}
            row |= {"collections": f"Drop {n % 4}", "tags": "bench", "file": f"photos/{n:04}.jpg"}
            if n >= count - bad:
                row, photo = _spoiled(list(BROKEN)[n % len(BROKEN)], row, photo)
            rows.writerow(row)
            if row["file"]:
                archive.writestr(row["file"], photo)
        archive.writestr("garments.csv", table.getvalue())


def _spoiled(how: str, row: dict[str, str], photo: bytes) -> tuple[dict[str, str], bytes]:
    if how == "truncated":
        return row, photo[: len(photo) // 2]
    if how == "text":
        return row, b"This is a note, not a photo."
    changes = {
        "twice": {"sku": "SKU-0000"},
        "slot": {"slot": "hat"},
        "address": {"file": "", "photo_url": "http://127.0.0.1/photo.jpg"},
    }
    return row | changes[how], photo


def _prints() -> Iterator[tuple[str, bytes]]:
    """Garments of the demo in ever new colours, 900 × 1200; no two files are alike."""
    originals = sorted((harness.ROOT / "demo/photos").glob("[tbd]*/*.jpg"))
    images = [(path.parent.name, Image.open(path).convert("HSV")) for path in originals]
    turn = 0
    while True:
        for slot, image in images:
            hue, saturation, value = image.split()
            turned = hue.point([(level + turn * 7) % 256 for level in range(256)])
            out = io.BytesIO()
            print_ = Image.merge("HSV", (turned, saturation, value)).convert("RGB")
            print_.putpixel((0, 0), (turn % 256, turn // 256, 0))
            print_.save(out, "JPEG", quality=90)
            yield slot, out.getvalue()
        turn += 1


# --- what is measured ---


def _client() -> Any:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.create_superuser(f"bench{time.time()}"))
    return client


def _upload(client: Any, packed: Path) -> tuple[Any, float]:
    from catalog.models import Import

    with packed.open("rb") as file:
        started = time.monotonic()
        answer = client.post("/imports/", {"file": file}, headers={"accept": "application/json"})
        seconds = time.monotonic() - started
    return Import.objects.get(pk=int(answer.json()["page"].split("/")[2])), seconds


def _work(source: Any) -> tuple[float, int, float]:
    """Seconds of all slices one after another, how many there were, and the longest."""
    from catalog.imports import runner

    spent = []
    while True:
        started = time.monotonic()
        if not runner.work():
            return sum(spent), len(spent), max(spent)
        spent.append(time.monotonic() - started)


def _bare(packed: Path) -> float:
    """Seconds that Pillow alone takes to decode each good photo and resize it for display."""
    started = time.monotonic()
    with zipfile.ZipFile(packed) as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg")]
        for name in names[: len(names) - len(names) // 20]:
            image = Image.open(io.BytesIO(archive.read(name)))
            image.resize((900, 1200)).resize((300, 400), Image.Resampling.LANCZOS)
    return time.monotonic() - started


def _wait(source: Any, timeout_s: float = 600) -> float:
    started = time.monotonic()
    while source.state in {"queued", "running"} and time.monotonic() - started < timeout_s:
        time.sleep(0.2)
        source.refresh_from_db()
    return time.monotonic() - started


def _explained(source: Any) -> int:
    return sum(bool(row.message) for row in source.rows.filter(state="refused"))


def _library() -> list[Any]:
    from catalog.models import Garment

    columns = ("sku", "name", "slot", "season", "sha256", "tags__name", "collections__name")
    return list(Garment.objects.order_by("sku").values_list(*columns))


def _broken(figures: dict[str, Any], count: int) -> list[str]:
    bad = count // 20
    good = count - bad
    codes = {code: bad // len(BROKEN) for code in BROKEN.values()}
    rules = {
        "not all in": figures["created"] != good,
        "not all explained": figures["explained"] != bad or figures["codes"] != codes,
        "again changed something": figures["again"] != f"0 created, 0 updated, {good} unchanged",
        "the library changed": not figures["same_library"],
        "slow": figures["ratio"] < LIMITS["ratio"],
        "the request held on": figures["request_s"] > LIMITS["request_s"],
    }
    return [why for why, is_broken in rules.items() if is_broken]


if __name__ == "__main__":
    sys.exit(main())
