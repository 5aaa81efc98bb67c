"""How long each page takes in a database of bench/fill.py: first and deep pages, filters, searches.

A signed-in superuser asks for them through the whole WSGI stack, in this process. Prints a table
and, last, one line of JSON; exits 1 where a page's median is over the limit. A page that the
address book does not know, or that only sends on to another, is named and skipped. `cpu` is what
this process and its database session computed: where others use the machine, too, `--busy` judges
by that instead of by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import harness

LIMIT_MS = 150
# A page as slow as this is not asked for as often: it is over the limit in any case.
PATIENCE_S = 1.0


def main() -> int:
    options = _options()
    if why := _unready(options.database):
        print(f"NOTE: pages were not measured: {why}")
        return 0
    harness.install(options.var, options.database)
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    import page_list

    client = _signed_in()
    clock = Clock(alone=options.busy)
    print(f"{'page':58}{'queries':>8}{'median':>8}{'p95':>8}{'cpu':>8}  limit {LIMIT_MS} ms")
    figures: dict[str, dict[str, Any]] = {}
    absent: set[str] = set()
    for name, address in page_list.pages():
        path = (address or "").partition("?")[0]
        if path not in absent and all(word in name for word in options.only):
            figures[name] = _measured(client, address, options.runs, clock)
            print(_row(name, figures[name]), flush=True)
            if "Location" in figures[name].get("note", ""):
                absent.add(path)
            if options.sql:
                _print_slow_queries(client, address, options.sql)
    broken = [name for name, found in figures.items() if not found.get("ok", True)]
    print(json.dumps({"figures": figures, "limit_ms": LIMIT_MS, "broken": broken}))
    return bool(broken)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="words that a page's name must have")
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--var", type=Path, default=os.environ.get("VAR_DIR", "/tmp/toile-pages"))
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--busy", action="store_true", help="judge by processor time")
    parser.add_argument("--sql", type=float, default=0, help="print queries over so many ms")
    return parser.parse_args()


def _unready(database: str) -> str:
    """Why there is nothing to measure; "" where there is."""
    if not database.startswith("postgres"):
        return "DATABASE_URL is not of PostgreSQL."
    import psycopg

    try:
        with psycopg.connect(database, connect_timeout=3) as connection:
            found = connection.execute("SELECT to_regclass('jobs_result')").fetchone()
            rows = connection.execute("SELECT 1 FROM jobs_result LIMIT 1") if found[0] else None
            return "" if rows and rows.fetchone() else "bench/fill.py has not filled the database."
    except psycopg.OperationalError:
        return "PostgreSQL does not answer."


def _signed_in() -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.force_login(User.objects.filter(is_superuser=True).earliest("pk"))
    return client


class Clock:
    """The time, and the processor time of this process and of its database session."""

    def __init__(self, *, alone: bool) -> None:
        from django.db import connection

        self.alone = alone
        with connection.cursor() as cursor:
            if alone:
                # All of the database's work in the one process that is watched.
                cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT pg_backend_pid()")
            self.session = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def __call__(self) -> tuple[float, float]:
        """Milliseconds of both kinds; only ours where the database runs elsewhere."""
        there = int(self.session.read_text().split()[0]) / 1e6 if self.session.exists() else 0.0
        return time.perf_counter() * 1000, time.process_time() * 1000 + there


def _measured(client: Any, address: str | None, runs: int, clock: Clock) -> dict[str, Any]:
    """Queries of a first, unmeasured run; then the milliseconds of the others."""
    if address is None:
        return {"note": "no such page"}
    queries, took, response = _counted(client, address)
    if response.status_code in (301, 302):
        return {"note": f"not built: Location {response['Location']}"}
    if response.status_code != 200:
        return {"note": f"FAILS: {response.status_code}", "ok": False}
    times = list(_times(client, address, runs if took < PATIENCE_S else 3, clock))
    spans, cpu = [sorted(column) for column in zip(*times, strict=True)]
    figures = {
        "queries": len(queries),
        "median_ms": round(statistics.median(spans), 1),
        "p95_ms": round(spans[round((len(spans) - 1) * 0.95)], 1),
        "cpu_ms": round(statistics.median(cpu), 1),
    }
    return figures | {"ok": figures["cpu_ms" if clock.alone else "median_ms"] <= LIMIT_MS}


def _counted(client: Any, address: str) -> tuple[list[dict[str, str]], float, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    began = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    return captured.captured_queries, time.perf_counter() - began, response


def _times(client: Any, address: str, runs: int, clock: Clock) -> Iterator[tuple[float, float]]:
    for _run in range(runs):
        span, cpu = clock()
        client.get(address).content  # noqa: B018 (lazy answers are part of the time)
        ended, spent = clock()
        yield ended - span, spent - cpu


def _row(name: str, found: dict[str, Any]) -> str:
    if "note" in found:
        return f"{name:58}  {found['note']}"
    verdict = "ok" if found["ok"] else "OVER"
    numbers = (
        f"{found['queries']:8}{found['median_ms']:8.0f}{found['p95_ms']:8.0f}{found['cpu_ms']:8.0f}"
    )
    return f"{name:58}{numbers}  {verdict}"


def _print_slow_queries(client: Any, address: str | None, min_ms: float) -> None:
    for query in _counted(client, address)[0] if address else []:
        if float(query["time"]) * 1000 >= min_ms:
            print(f"    {float(query['time']) * 1000:6.0f} ms  {query['sql']}")


if __name__ == "__main__":
    sys.exit(main())
