"""Who keeps an account full? Ours, the official SDK and a plain script, in one run.

Each gets a sandbox of its own: the same tasks of 5–10 s by a fixed seed, 5 concurrent, 10 submits
and 20 queries a second enforced. Then ours alone with many short tasks and an interactive job
every 20 s. Prints a table and, last, one line of JSON; exits 1 where a limit is not held.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import harness

CONCURRENCY = 5
# With most seeds the last tasks leave slots empty for 3–5 % of the time with any client. With this
# one they end together, so that the limit is about the client; `best` is what none could beat.
SEED = 33
LIMITS = {"ratio": 1.03, "throttled": 0}
KEY = "sk-bench"
SYNTHESIS = "/services/aigc/image2image/image-synthesis"
BODY = {"model": "aitryon-plus", "parameters": {"resolution": -1, "restore_face": True}}


def main() -> int:
    options = _options()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="toile-bench-") as folder:
        harness.install(Path(folder), options.database)
        long = {"task_seconds": 5, "task_seconds_most": 10}
        runs: dict[str, tuple[Callable[[Any, int], dict[str, Any]], dict[str, Any], int]] = {
            "ours": (ours, long, options.tasks),
            "sdk": (sdk, long, options.tasks),
            "plain": (plain, long, options.tasks),
            "ours, short": (short, {"task_seconds": 1, "task_seconds_most": 3}, options.short),
        }
        for name in options.runs or runs:
            run, tasks, count = runs[name]
            figures[name] = _measured(run, tasks, count)
            print(_row(name, figures[name]), flush=True)
    broken = [f"{name}: {why}" for name in figures for why in _broken(name, figures[name])]
    print(json.dumps({"figures": figures, "limits": LIMITS, "broken": broken, "ok": not broken}))
    return bool(broken)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--short", type=int, default=500, help="short tasks of the last run")
    parser.add_argument("--database", default="", help="DATABASE_URL (default: SQLite)")
    parser.add_argument("--runs", nargs="*", help="some of: ours, sdk, plain, 'ours, short'")
    return parser.parse_args()


def _measured(run: Any, tasks: dict[str, Any], count: int) -> dict[str, Any]:
    """One client against a fresh sandbox; the ratio is to five slots that are never empty."""
    from sandbox import Sandbox

    with Sandbox(**tasks, seed=SEED, concurrency=CONCURRENCY, instant=True) as sandbox:
        os.environ["DASHSCOPE_BASE_URL"] = sandbox.dashscope_url
        timing = run(sandbox, count)
        ledger = sandbox.ledger()
    done = [task for task in ledger["tasks"] if task["state"] == "SUCCEEDED"]
    work = sum(task["ended_at"] - task["started_at"] for task in done)
    counters = ledger["counters"]
    return {
        "tasks": len(done),
        "makespan_s": round(timing["elapsed_s"], 2),
        "ratio": round(timing["elapsed_s"] / (work / CONCURRENCY), 3),
        "best": round(_best(done) / (work / CONCURRENCY), 3),
        "queries_per_task": round(counters["queries"] / max(1, len(done)), 2),
        "throttled": counters["throttled"],
        "max_running": counters["max_running"],
        **{key: value for key, value in timing.items() if key != "elapsed_s"},
    }


def _best(done: list[dict[str, Any]]) -> float:
    """Seconds that these tasks take in their order with five slots that are filled at once."""
    slots = [0.0] * CONCURRENCY
    for task in sorted(done, key=lambda task: task["started_at"]):
        heapq.heappush(slots, heapq.heappop(slots) + task["ended_at"] - task["started_at"])
    return max(slots)


def ours(sandbox: Any, count: int) -> dict[str, Any]:
    with harness.Lanes():
        return {"elapsed_s": harness.finish(harness.launch(count))}


def short(sandbox: Any, count: int) -> dict[str, Any]:
    """Many short tasks; every 20 s somebody waits at a screen for one more."""
    urgent: list[Any] = []
    next_ask = [time.monotonic() + 20]

    def ask() -> None:
        if time.monotonic() >= next_ask[0]:
            next_ask[0] += 20
            urgent.append(harness.launch(1, interactive=True))

    with harness.Lanes():
        batch = harness.launch(count)
        harness.finish(batch, every=ask)
        for asked in urgent:
            harness.finish(asked)
    ends = [job.finished_at for b in [batch, *urgent] for job in b.jobs.all()]
    waits = [(b.jobs.get().finished_at - b.created_at).total_seconds() for b in urgent]
    elapsed = (max(ends) - batch.created_at).total_seconds()
    return {"elapsed_s": elapsed, "interactive_s": [round(wait, 2) for wait in waits]}


def sdk(sandbox: Any, count: int) -> dict[str, Any]:
    """The official SDK, waiting in as many threads as there are slots."""
    from dashscope.aigc.image_synthesis import ImageSynthesis

    at = {"api_key": KEY, "base_address": sandbox.dashscope_url}

    def one(inputs: dict[str, str], _n: int) -> None:
        call = partial(ImageSynthesis.async_call, "aitryon-plus", "no prompt", task="image2image")
        task = _accepted(lambda: call(extra_input=inputs, **at))
        ImageSynthesis.wait(task, **at)

    return _in_threads(one, count)


def _accepted(call: Callable[[], Any]) -> Any:
    """Submit until it is accepted: a throttled call is made again after a second."""
    while True:
        task = call()
        if task.status_code == 200:
            return task
        time.sleep(1)


def plain(sandbox: Any, count: int) -> dict[str, Any]:
    """A script as the documents suggest: submit, then ask every three seconds."""
    import requests

    headers = {"Authorization": f"Bearer {KEY}"}
    base = sandbox.dashscope_url

    def one(inputs: dict[str, str], _n: int) -> None:
        body = BODY | {"input": inputs}
        submit = partial(requests.post, base + SYNTHESIS, json=body, timeout=30)
        answer = _accepted(lambda: submit(headers=headers | {"X-DashScope-Async": "enable"}))
        task_id = answer.json()["output"]["task_id"]
        state = ""
        while state not in {"SUCCEEDED", "FAILED"}:
            time.sleep(3)
            asked = requests.get(f"{base}/tasks/{task_id}", headers=headers, timeout=30)
            state = asked.json().get("output", {}).get("task_status", "")

    return _in_threads(one, count)


def _in_threads(one: Callable[[dict[str, str], int], None], count: int) -> dict[str, Any]:
    with _image_host() as url, ThreadPoolExecutor(CONCURRENCY) as pool:
        inputs = {"person_image_url": url, "top_garment_url": url}
        started = time.monotonic()
        list(pool.map(partial(one, inputs), range(count)))
        return {"elapsed_s": time.monotonic() - started}


@contextmanager
def _image_host() -> Iterator[str]:
    """One photo, where a provider can fetch it."""
    from tests.pictures import photo

    data = photo(600, 800)

    class Photo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Photo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/photo.jpg"
    server.shutdown()


def _broken(name: str, figures: dict[str, Any]) -> list[str]:
    if not name.startswith("ours"):
        return []
    late = [wait for wait in figures.get("interactive_s", []) if wait > 2 * 3 + 2]
    rules = {
        "not kept full": figures["ratio"] > LIMITS["ratio"],
        "throttled": figures["throttled"] > 0,
        "over the limit": figures["max_running"] > CONCURRENCY,
        f"interactive late: {late}": bool(late),
    }
    return [why for why, is_broken in rules.items() if is_broken]


def _row(name: str, figures: dict[str, Any]) -> str:
    return f"{name:12}" + "  ".join(f"{key} {value}" for key, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
