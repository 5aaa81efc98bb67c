"""How full one account is kept, and whether killed workers cost anything.

Three runs against the sandbox with both lanes as production runs them: 200 jobs alone; an
interactive job in the middle of them; 200 jobs while a random worker process is killed every few
seconds. Prints a table and, last, one line of JSON; exits 1 where a limit is not held.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import harness

TASK_S, CONCURRENCY = 2.0, 5
LIMITS = {"elapsed_ratio": 1.05, "interactive_s": 2 * TASK_S + 2, "max_running": CONCURRENCY}


def main() -> int:
    options = _options()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="toile-bench-") as folder:
        harness.install(Path(folder), options.database)
        from sandbox.server import Sandbox

        for name in options.runs:
            with Sandbox(task_seconds=TASK_S, concurrency=CONCURRENCY, instant=True) as sandbox:
                os.environ["DASHSCOPE_BASE_URL"] = sandbox.dashscope_url
                figures[name] = RUNS[name](sandbox, options)
            print(_row(name, figures[name]), flush=True)
    broken = [f"{name}: {reason}" for name in figures for reason in _broken(name, figures[name])]
    print(json.dumps({"figures": figures, "limits": LIMITS, "broken": broken, "ok": not broken}))
    return bool(broken)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--kill-every", type=float, default=4.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="DATABASE_URL (default: SQLite)")
    parser.add_argument("--runs", nargs="*", default=["plain", "interactive", "killed"])
    return parser.parse_args()


def plain(sandbox: Any, options: argparse.Namespace) -> dict[str, Any]:
    with harness.Lanes():
        # Its own first tasks teach an account how long tasks take; so it is in production.
        batch = harness.launch(options.jobs)
        elapsed = harness.finish(batch)
    return _figures(sandbox, batch, elapsed, options.jobs)


def interactive(sandbox: Any, options: argparse.Namespace) -> dict[str, Any]:
    asked: list[Any] = []
    count = max(20, options.jobs // 4)
    with harness.Lanes():
        batch = harness.launch(count)
        later = threading.Event()
        started = time.monotonic()

        def ask() -> None:
            if not later.is_set() and time.monotonic() - started > count * TASK_S / CONCURRENCY / 2:
                later.set()
                asked.append(harness.launch(1, interactive=True))

        elapsed = harness.finish(batch, every=ask)
        harness.finish(asked[0])
    job = asked[0].jobs.get()
    waited = (job.finished_at - job.created_at).total_seconds()
    return _figures(sandbox, batch, elapsed, count) | {"interactive_s": round(waited, 2)}


def killed(sandbox: Any, options: argparse.Namespace) -> dict[str, Any]:
    dice = random.Random(options.seed)
    kills: list[str] = []
    with harness.Lanes() as lanes:
        batch = harness.launch(options.jobs)
        next_kill = [time.monotonic() + options.kill_every]

        def kill() -> None:
            if time.monotonic() >= next_kill[0]:
                next_kill[0] = time.monotonic() + options.kill_every
                kills.append(_kill_one(lanes.process.pid, dice))

        elapsed = harness.finish(batch, every=kill)
    return _figures(sandbox, batch, elapsed, options.jobs) | {"kills": len(kills)}


def _kill_one(supervisor: int, dice: random.Random) -> str:
    """SIGKILL to any process below the supervisor: worker, pusher, monitor, sentinel, cluster."""
    import psutil

    victims = psutil.Process(supervisor).children(recursive=True)
    if not victims:
        return ""
    victim = dice.choice(sorted(victims, key=lambda process: process.pid))
    try:
        victim.kill()
    except psutil.NoSuchProcess:
        return ""
    return str(victim.pid)


def _figures(sandbox: Any, batch: Any, elapsed: float, jobs: int) -> dict[str, Any]:
    counters = sandbox.ledger()["counters"]
    ideal = jobs * TASK_S / CONCURRENCY
    return {
        "jobs": jobs,
        "elapsed_s": round(elapsed, 2),
        "elapsed_ratio": round(elapsed / ideal, 3),
        "succeeded": batch.jobs.filter(state="succeeded").count(),
        "billed": counters["billed"],
        "throttled": counters["throttled"],
        "max_running": counters["max_running"],
        "queries_per_job": round(counters["queries"] / jobs, 1),
    }


def _broken(name: str, figures: dict[str, Any]) -> list[str]:
    expected = figures["jobs"] + (name == "interactive")
    rules = {
        "not every job succeeded": figures["succeeded"] != figures["jobs"],
        "billed other than asked": figures["billed"] != expected,
        "throttled": figures["throttled"] > 0,
        "over the limit": figures["max_running"] > CONCURRENCY,
        "not kept full": name == "plain" and figures["elapsed_ratio"] > LIMITS["elapsed_ratio"],
        "interactive late": figures.get("interactive_s", 0) > LIMITS["interactive_s"],
    }
    return [reason for reason, is_broken in rules.items() if is_broken]


def _row(name: str, figures: dict[str, Any]) -> str:
    return f"{name:12}" + "  ".join(f"{key} {value}" for key, value in figures.items())


RUNS = {"plain": plain, "interactive": interactive, "killed": killed}

if __name__ == "__main__":
    sys.exit(main())
