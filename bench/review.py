"""From key press to the next picture on the screen, measured in a browser over 200 decisions.

2,000 results wait in an installation of its own, behind gunicorn; Chromium presses A, and every
fifth time R and a reason. The clock starts with the key's own time stamp and stops once the next
picture is decoded and a frame has been painted after it. Prints the median and the 95th percentile
and, last, one line of JSON; exits 1 where the median is over the limit or a decision was lost.
"""

from __future__ import annotations

import argparse
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

LIMIT_MS = 100
# So many different pictures: no decision of the run meets one that the browser has seen.
PICTURES = 300
SIZE = (768, 1024)
CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Measured in the page: each key that decides, and when the next picture was painted.
CLOCK = """
() => {
  window.painted = [];
  const place = document.querySelector(".after");
  let began = 0;
  const key = (event) => { if (/^[a1-8]$/.test(event.key)) began = event.timeStamp; };
  addEventListener("keydown", key, true);
  new MutationObserver(async () => {
    const start = began;
    const image = place.querySelector("img");
    const ready = image.complete;
    await image.decode();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.painted.push([performance.now() - start, ready]);
      channel.port2.postMessage(0);
    });
  }).observe(place, { childList: true });
}
"""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="toile-review-") as folder:
        harness.install(Path(folder), options.database)
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        session = fill(options.pending)
        with _server() as url:
            painted, lost = measure(url, session, options.decisions)
    return report(painted, lost)


def report(painted: list[tuple[float, bool]], lost: int) -> int:
    times = sorted(ms for ms, _ready in painted)
    median, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    ready = sum(1 for _ms, was in painted if was)
    print(f"{len(times)} decisions, {ready} of the next pictures were loaded already")
    print(f"key press to next picture: median {median:.0f} ms, p95 {p95:.0f} ms, limit {LIMIT_MS}")
    print(f"longest {times[-1]:.0f} ms; {lost} decisions were lost or counted twice")
    rounded = {"median_ms": median, "p95_ms": p95, "longest_ms": times[-1]}
    figures = {name: round(ms, 1) for name, ms in rounded.items()}
    print(json.dumps(figures | {"decisions": len(times), "preloaded": ready, "lost": lost}))
    return int(median > LIMIT_MS or lost > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pending", type=int, default=2000)
    parser.add_argument("--decisions", type=int, default=200)
    parser.add_argument("--database", default="", help="an empty one; default: SQLite of its own")
    return parser.parse_args()


def fill(pending: int) -> str:
    """So many results that wait, and a signed-in reviewer's session."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from catalog.models import Garment, Person
    from catalog.photos import ingest
    from catalog.photos.add import add_photo
    from jobs.models import Batch, ProviderAccount, Result, Step, TryOnJob
    from tests.pictures import photo

    account = ProviderAccount.objects.get(alias="local")
    batch = Batch.objects.create(name="Bench", account=account)
    consent = {"consent_scope": "unneeded"}
    persons = [
        add_photo(Person, photo(*SIZE, seed=n), name=f"person {n}", **consent) for n in range(8)
    ]
    garments = [
        add_photo(Garment, photo(*SIZE, seed=99 + n), name=f"top {n}", slot="top")
        for n in range(40)
    ]
    saved = (
        ingest.save(ingest.prepare(photo(*SIZE, seed=1000 + n)), "result")
        for n in range(min(PICTURES, pending))
    )
    columns = ("sha256", "original", "large", "thumb", "width", "height")
    pictures = [{name: values[name] for name in columns} for values in saved]
    now = timezone.now()
    jobs = TryOnJob.objects.bulk_create(
        TryOnJob(
            batch=batch,
            account=account,
            person=persons[n % 8],
            top=garments[n // 8 % 40],
            state="succeeded",
            finished_at=now,
        )
        for n in range(pending)
    )
    shared = {"account": account, "batch": batch, "operation": "tryon", "state": "done"}
    steps = Step.objects.bulk_create(
        Step(job=job, position=0, remote_id=f"r{job.pk}", **shared) for job in jobs
    )
    Result.objects.bulk_create(
        Result(job=job, step=step, role="final", **pictures[n % len(pictures)])
        for n, (job, step) in enumerate(zip(jobs, steps, strict=True))
    )
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    return client.cookies["sessionid"].value


@contextmanager
def _server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "tryon_site.wsgi", "--bind", address]
    command += ["--threads", "4", "--log-level", "error"]
    server = subprocess.Popen(command, cwd=harness.ROOT, env=os.environ)
    try:
        _wait(f"http://{address}/login/")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(30)


def _wait(url: str, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer.")


def measure(url: str, session: str, decisions: int) -> tuple[list[tuple[float, bool]], int]:
    """(ms, whether it was loaded before) of each decision, and how many were not saved once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        page.goto(f"{url}/review/", wait_until="networkidle")
        page.evaluate(CLOCK)
        for n in range(decisions):
            _decide(page, n)
        page.wait_for_timeout(3000)
        painted = page.evaluate("window.painted")
        browser.close()
    return [tuple(each) for each in painted], _lost(decisions)


def _decide(page: Any, n: int) -> None:
    if n % 5 == 4:
        page.keyboard.press("r")
        page.keyboard.press(str(n % 8 + 1))
    else:
        page.keyboard.press("a")
    while page.evaluate("window.painted.length") <= n:
        page.wait_for_timeout(20)


def _lost(decisions: int) -> int:
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from review.models import Decision

    once = Decision.objects.values("result").distinct().count()
    return abs(decisions - once) + Decision.objects.count() - once


if __name__ == "__main__":
    sys.exit(main())
