"""A public gallery of ten thousand images: what a visitor waits for, and what that costs.

Fills an installation of its own, with hard links of a few labelled files, behind gunicorn as
production runs it. Chromium opens the first page with an empty cache, wide and narrow; the server
is asked for the first and for deep pages, and the questions to the database are counted. Prints a
table and, last, one line of JSON; exits 1 where a limit is not held.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import harness

LIMITS = {"page_ms": 150, "first_paint_ms": 1500, "first_page_kb": 1500}
SIZES = {1440: 900, 390: 844}
CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
# The last paint that counts, as the browser reports it, after which nothing larger came.
PAINTS = """() => new Promise((done) => {
  let largest = 0;
  const see = (list) => { for (const each of list.getEntries()) largest = each.startTime; };
  new PerformanceObserver(see)
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => {
    const first = performance.getEntriesByName("first-contentful-paint")[0];
    done([first ? first.startTime : 0, largest]);
  }, 500);
})"""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="toile-bench-") as folder:
        harness.install(Path(folder), options.database, PUBLIC_BASE_URL="")
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        gallery = _fill(options.images)
        figures = {**_server(gallery, options.runs), **_browsers(gallery, options.runs)}
    broken = _broken(figures)
    print(
        f"{'page':28}{'queries':>8}{'median':>9}{'cpu':>8}{'FCP':>7}{'LCP':>7}{'KB':>7}{'files':>7}"
    )
    for name, found in figures.items():
        print(_row(name, found))
    print(json.dumps({"figures": figures, "limits": LIMITS, "broken": broken, "ok": not broken}))
    return bool(broken)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--database", default="", help="DATABASE_URL (default: SQLite), empty")
    return parser.parse_args()


# --- an installation with one large gallery ---


def _fill(count: int) -> Any:
    from django.db import connection
    from django.utils import timezone

    from galleries import public_images
    from galleries.models import Gallery, GalleryItem, PublicImage
    from jobs.models import Result, Step

    batch = harness.launch(count)
    Step.objects.update(state="done")
    batch.jobs.update(state="succeeded", finished_at=timezone.now())
    steps = Step.objects.filter(batch=batch, position=0).values_list("pk", "job_id")
    when = {"review": "approved", "published_at": timezone.now(), "role": "final"}
    size = {"width": 1080, "height": 1440}
    rows = [Result(step_id=s, job_id=j, sha256=f"{s:064x}", **when, **size) for s, j in steps]
    results = Result.objects.bulk_create(rows, batch_size=500)
    samples = _samples(results[0])
    names = [_linked(samples[n % len(samples)]) for n in range(count)]
    widths = {"widths": samples[0][1], "width": 1080, "height": 1440}
    label = public_images.label()
    images = [
        PublicImage(result=result, name=name, label=label, **widths)
        for result, name in zip(results, names, strict=True)
    ]
    PublicImage.objects.bulk_create(images, batch_size=500)
    gallery = Gallery.objects.create(name="Bench", slug="bench", shown_from=timezone.now())
    items = [
        GalleryItem(gallery=gallery, result=result, position=n)
        for n, result in enumerate(results, 1)
    ]
    GalleryItem.objects.bulk_create(items, batch_size=500)
    with connection.cursor() as cursor:
        # What a database that has lived knows of its rows.
        cursor.execute("ANALYZE")
    return gallery


def _samples(result: Any) -> list[tuple[str, list[int]]]:
    """Folders of labelled files in every width, of some of the demo's photos."""
    from django.conf import settings
    from PIL import Image

    from galleries import labelling, public_images
    from galleries.models.public_image import new_name

    found = []
    for photo in sorted((harness.ROOT / "demo/photos").rglob("*.jpg"))[:12]:
        out, name = io.BytesIO(), new_name()
        Image.open(photo).convert("RGB").resize((1080, 1440)).save(out, "JPEG", quality=95)
        folder, widths = Path(settings.PUBLIC_ROOT) / name, set()
        folder.mkdir(parents=True)
        marks = public_images.marks(result)
        for made in labelling.renditions(out.getvalue(), marks, [320, 480, 800, 1080]):
            (folder / f"{made.width}.{made.extension}").write_bytes(made.data)
            widths.add(made.width)
        found.append((name, sorted(widths)))
    return found


def _linked(sample: tuple[str, list[int]]) -> str:
    """Another folder with the same files."""
    from django.conf import settings

    from galleries.models.public_image import EXTENSIONS, new_name

    name, root = new_name(), Path(settings.PUBLIC_ROOT)
    (root / name).mkdir()
    for width in sample[1]:
        for extension in EXTENSIONS:
            os.link(root / sample[0] / f"{width}.{extension}", root / name / f"{width}.{extension}")
    return name


# --- what is measured ---


def _server(gallery: Any, runs: int) -> dict[str, dict[str, Any]]:
    """Queries and milliseconds of pages, through the whole WSGI stack in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client, figures = Client(SERVER_NAME="localhost"), {}
    for name, address in _addresses(gallery).items():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, address
        # The log is emptied by the next request.
        queries, times = len(captured), [_timed(client, address) for _run in range(runs)]
        wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        figures[name] = {"queries": queries, "page_ms": round(wall, 1), "cpu_ms": round(cpu, 1)}
    return figures


def _timed(client: Any, address: str) -> tuple[float, float]:
    """Milliseconds by the clock, and those that this process computed."""
    began, computed = time.perf_counter(), time.process_time()
    client.get(address)
    return (time.perf_counter() - began) * 1000, (time.process_time() - computed) * 1000


def _addresses(gallery: Any) -> dict[str, str]:
    pks = list(gallery.items.values_list("pk", flat=True))
    page, middle = f"/g/{gallery.slug}/", len(pks) // 2
    return {
        "index": "/g/",
        "first page": page,
        "page in the middle": f"{page}?before={pks[middle]}",
        "last page": f"{page}?before={pks[-10]}",
        "back from the last": f"{page}?after={pks[-10]}",
        "a look in the middle": f"{page}{pks[middle]}/",
    }


def _browsers(gallery: Any, runs: int) -> dict[str, dict[str, Any]]:
    from playwright.sync_api import sync_playwright

    with _served() as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        address = f"{origin}/g/{gallery.slug}/"
        figures = {
            f"first page, {width} px": _visit(browser, address, width, runs) for width in SIZES
        }
        browser.close()
    return figures


def _visit(browser: Any, address: str, width: int, runs: int) -> dict[str, Any]:
    """Medians of visits with an empty cache; what came over the line until nothing more did."""
    paints, received = [], []
    for _run in range(runs):
        context = browser.new_context(viewport={"width": width, "height": SIZES[width]})
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        sizes: list[float] = []
        line.on(
            "Network.loadingFinished",
            lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]),
        )
        page.goto(address, wait_until="networkidle")
        paints.append(page.evaluate(PAINTS))
        received.append((sum(sizes), len(sizes)))
        context.close()
    first, largest = (statistics.median(column) for column in zip(*paints, strict=True))
    bytes_, files = (statistics.median(column) for column in zip(*received, strict=True))
    return {
        "first_paint_ms": round(first),
        "largest_paint_ms": round(largest),
        "first_page_kb": round(bytes_ / 1024),
        "files": round(files),
    }


@contextmanager
def _served() -> Iterator[str]:
    """The site behind gunicorn; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "tryon_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--threads", "8", "--log-level", "warning"], cwd=harness.ROOT
    )
    try:
        origin = f"http://127.0.0.1:{port}"
        _wait(f"{origin}/g/")
        yield origin
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            urllib.request.urlopen(address).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _row(name: str, found: dict[str, Any]) -> str:
    columns = {"queries": 8, "page_ms": 9, "cpu_ms": 8, "first_paint_ms": 7, "largest_paint_ms": 7}
    columns |= {"first_page_kb": 7, "files": 7}
    return f"{name:28}" + "".join(f"{found.get(key, ''):>{w}}" for key, w in columns.items())


def _broken(figures: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"{name}: {key}"
        for name, found in figures.items()
        for key, limit in LIMITS.items()
        if found.get(key, 0) > limit
    ]


if __name__ == "__main__":
    sys.exit(main())
