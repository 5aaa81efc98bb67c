"""Fill an empty PostgreSQL database with what a team makes in half a year.

50,000 garments, 200 persons, some 2,000 batches, 800,000 jobs, a million results and all that
belongs to them, with real photos behind the thumbnails. `DATABASE_URL` must name a database with
“bench” in its name that holds no library yet; photos go to `VAR_DIR`. One function per table:
fill_library.py, fill_jobs.py; what a new table needs is a function there and a line here.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import harness

SCALE = {"garments": 50_000, "persons": 200, "jobs": 860_000}


def main() -> int:
    options = _options()
    if refusal := _refusal(options.database):
        print(refusal, file=sys.stderr)
        return 2
    if options.once and (note := _unready(options.database)):
        print(f"NOTE: {note}")
        return 0
    harness.install(options.var, options.database)
    import rows

    from catalog.models import Garment
    from jobs.models import Result, TryOnJob

    if Garment.objects.exists() or TryOnJob.objects.exists():
        if options.once:
            return 0
        print("The database is not empty: make a new one.", file=sys.stderr)
        return 2
    began = time.monotonic()
    rows.run("SELECT setseed(0.4)")
    with rows.unindexed():
        for name, fill in _tables(options.scale):
            _timed(name, fill)
        at = time.monotonic()
    print(f"{'indexes':14}{time.monotonic() - at:6.1f} s", flush=True)
    _timed("vacuum", rows.settle)
    print(f"{Garment.objects.count()} garments, {TryOnJob.objects.count()} jobs,", end=" ")
    print(f"{Result.objects.count()} results in {time.monotonic() - began:.0f} s")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--var", type=Path, default=os.environ.get("VAR_DIR", "/tmp/toile-pages"))
    parser.add_argument("--scale", type=float, default=1.0, help="1: a million results")
    parser.add_argument(
        "--once", action="store_true", help="make the database; no fault where it is there already"
    )
    return parser.parse_args()


def _unready(database: str) -> str:
    """Make the database where it is missing; why that cannot be, or ""."""
    import psycopg
    from psycopg import sql

    server, _slash, name = database.rpartition("/")
    try:
        with psycopg.connect(f"{server}/postgres", connect_timeout=3, autocommit=True) as there:
            found = there.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not found.fetchone():
                there.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.OperationalError:
        return "PostgreSQL does not answer: pages are not measured."
    return ""


def _refusal(database: str) -> str:
    """Why nothing may be filled in here; "" where it may."""
    if not database.startswith(("postgres://", "postgresql://")):
        return "DATABASE_URL must be of PostgreSQL: at this size nothing else is measured."
    if "bench" not in database.rpartition("/")[2]:
        return "The database's name must contain “bench”: this writes millions of rows into it."
    return ""


def _tables(scale: float) -> list[tuple[str, Callable[[], object]]]:
    """What is filled, in this order: each may count on those before it."""
    import fill_jobs
    import fill_library

    garments = max(100, round(SCALE["garments"] * scale))
    persons = max(12, round(SCALE["persons"] * scale))
    jobs = max(200, round(SCALE["jobs"] * scale))
    return [
        ("users", fill_library.users),
        ("photos", fill_library.pool),
        ("tags", fill_library.tags),
        ("collections", fill_library.collections),
        ("garments", lambda: fill_library.garments(garments)),
        ("persons", lambda: fill_library.persons(persons)),
        ("tagged", lambda: fill_library.tagged(garments, persons)),
        ("collected", lambda: fill_library.collected(garments)),
        ("plan", lambda: fill_jobs.plan(jobs)),
        ("batches", fill_jobs.batches),
        ("jobs", lambda: fill_jobs.jobs(garments, persons)),
        ("reused jobs", fill_jobs.reused_jobs),
        ("steps", fill_jobs.steps),
        ("results", fill_jobs.results),
        ("decisions", fill_jobs.decisions),
        ("events", fill_jobs.events),
        ("ledger", fill_jobs.ledger),
        ("totals", fill_jobs.totals),
    ]


def _timed(name: str, work: Callable[[], object]) -> None:
    began = time.monotonic()
    work()
    print(f"{name:14}{time.monotonic() - began:6.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
