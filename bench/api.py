"""How long the API takes at a million results, with 16 clients at once, next to plain DRF.

Serves a database of bench/fill.py by gunicorn and requests each address from 16 threads, each with
a connection. `plain` is the same query and serializer, paged by number. Prints a table
and, last, one line of JSON; exits 1 where the deepest page costs more than 1.2 times the first
one, or a list's queries depend on its length.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import harness
from pages import _unready

BENCH = Path(__file__).resolve().parent
MOST_RATIO = 1.2
PASSWORD = "bench-of-the-api"
SHOPPER_RESULTS = 300


def main() -> int:
    options = _options()
    if why := _unready(options.database):
        print(f"NOTE: the API was not measured: {why}")
        return 0
    os.environ["PYTHONPATH"] = str(BENCH)
    harness.install(options.var, options.database)
    os.environ["DJANGO_SETTINGS_MODULE"] = "api_settings"
    import api_rows

    api_rows.prepare(PASSWORD, SHOPPER_RESULTS)
    with _served(options.port) as address:
        tokens = {name: _token(address, name) for name in ("bench-merch", "bench-shopper")}
        figures = _measured(address, tokens, options)
    queries = api_rows.queries(_cases())
    return _report(figures, queries)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--var", type=Path, default=os.environ.get("VAR_DIR", "/tmp/toile-pages"))
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=480, help="of each address")
    parser.add_argument("--port", type=int, default=8765)
    return parser.parse_args()


def _cases() -> Iterator[tuple[str, str, str]]:
    """What is asked for: name, user, address."""
    from django.utils import timezone

    from jobs.models import Result

    m, s, api = "bench-merch", "bench-shopper", "/api/v1"
    last = Result.objects.filter(owner=None).latest("pk").pk
    job = Result.objects.final().filter(pk__lte=last // 2).latest("pk").job
    garment = job.top_id or job.bottom_id or job.dress_id
    recent = (timezone.now() - timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    long_ago = (timezone.now() - timedelta(days=80)).strftime("%Y-%m-%dT%H:%M:%SZ")
    total = Result.objects.final().count()
    yield "plain: first page", m, "/plain/results"
    yield "plain: deepest page", m, f"/plain/results?page={total // 30}"
    yield "results: first page", m, f"{api}/results"
    yield "results: middle page", m, f"{api}/results?cursor={_cursor(last // 2)}"
    yield "results: deepest page", m, f"{api}/results?cursor={_cursor(last // 1000)}"
    yield "results: approved", m, f"{api}/results?review=approved"
    yield "results: pending", m, f"{api}/results?review=pending"
    yield "results: of a person", m, f"{api}/results?person={job.person_id}"
    yield "results: of a garment", m, f"{api}/results?garment={garment}"
    yield "results: of a batch", m, f"{api}/results?batch={job.batch_id}"
    yield "results: one", m, f"{api}/results/{job.results.latest('pk').pk}"
    yield "results: changed in 6 h", m, f"{api}/results?updated_since={recent}"
    yield "results: changed in 80 days", m, f"{api}/results?updated_since={long_ago}"
    yield "results: a shopper's", s, f"{api}/results"
    yield "jobs: first page", m, f"{api}/jobs"
    yield "jobs: deepest page", m, f"{api}/jobs?cursor={_cursor(1000)}"
    yield "garments: first page", m, f"{api}/garments"
    yield "garments: a shopper's", s, f"{api}/garments"
    yield "batches: first page", m, f"{api}/batches"


def _cursor(pk: int) -> str:
    return base64.b64encode(f"p={pk}".encode()).decode().replace("=", "%3D")


@contextmanager
def _served(port: int) -> Iterator[str]:
    command = [sys.executable, "-m", "gunicorn", "tryon_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", "8", "--log-level", "error", "--keep-alive", "30"]
    web = subprocess.Popen(command, cwd=harness.ROOT)
    try:
        _wait(port)
        yield f"127.0.0.1:{port}"
    finally:
        web.terminate()
        web.wait(30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            _get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/api/v1/none", "")
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The site does not answer.")


def _token(address: str, user: str) -> str:
    """Signed in as an app signs in."""
    there = http.client.HTTPConnection(address, timeout=30)
    body = json.dumps({"username": user, "password": PASSWORD})
    headers = {"Content-Type": "application/json"}
    there.request("POST", "/_allauth/app/v1/auth/login", body, headers)
    answer = json.loads(there.getresponse().read())
    return str(answer["meta"]["session_token"])


def _get(there: http.client.HTTPConnection, path: str, token: str) -> tuple[int, int]:
    there.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = there.getresponse()
    return answer.status, len(answer.read())


def _measured(address: str, tokens: dict[str, str], options: Any) -> dict[str, dict[str, float]]:
    print(f"{'address':32}{'p50':>8}{'p95':>8}{'a second':>10}{'× plain':>9}")
    figures: dict[str, dict[str, float]] = {}
    for name, user, path in _cases():
        _hammer(address, path, tokens[user], options.clients, options.clients * 2)
        figures[name] = _hammer(address, path, tokens[user], options.clients, options.requests)
        plain = figures["plain: first page"]["p50_ms"]
        row = figures[name] | {"of_plain": round(figures[name]["p50_ms"] / plain, 3)}
        figures[name] = row
        print(
            f"{name:32}{row['p50_ms']:8.1f}{row['p95_ms']:8.1f}"
            f"{row['per_s']:10.0f}{row['of_plain']:9.2f}",
            flush=True,
        )
    return figures


def _hammer(address: str, path: str, token: str, clients: int, count: int) -> dict[str, float]:
    """So many requests by so many clients at once; milliseconds as a client sees them."""
    spans: list[float] = []

    def ask() -> None:
        there = http.client.HTTPConnection(address, timeout=120)
        for _n in range(max(1, count // clients)):
            began = time.perf_counter()
            status, _size = _get(there, path, token)
            spans.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise SystemExit(f"{path}: {status}")

    threads = [threading.Thread(target=ask) for _n in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, spans = time.perf_counter() - began, sorted(spans)
    return {
        "p50_ms": round(statistics.median(spans), 1),
        "p95_ms": round(spans[round((len(spans) - 1) * 0.95)], 1),
        "per_s": round(len(spans) / took, 1),
    }


def _report(figures: dict[str, dict[str, float]], queries: dict[str, tuple[int, int]]) -> int:
    first = figures["results: first page"]["p50_ms"]
    ratio = round(figures["results: deepest page"]["p50_ms"] / first, 2)
    plain = figures["plain: deepest page"]["p50_ms"] / figures["plain: first page"]["p50_ms"]
    print(f"deepest ÷ first: {ratio} (at most {MOST_RATIO}); by page number: {plain:.2f}")
    uneven = {name: counts for name, counts in queries.items() if len(set(counts)) > 1}
    print("queries:", ", ".join(f"{name} {counts[0]}" for name, counts in queries.items()))
    report = {"figures": figures, "deep_ratio": ratio, "queries": queries, "uneven": uneven}
    print(json.dumps(report))
    return int(ratio > MOST_RATIO or bool(uneven))


if __name__ == "__main__":
    sys.exit(main())
