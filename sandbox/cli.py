"""The sandbox on a command line: shared by `manage.py sandbox` and `python -m sandbox`."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.engine_pool import engine_unavailable
from sandbox.options import Options
from sandbox.server import Sandbox


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sandbox's options on a parser."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="where to listen; never where strangers reach it")
    add("--port", type=int, default=8765, help="0 takes a free one")
    add("--task-seconds", type=float, default=Options.task_seconds, help="how long a task runs")
    add("--task-seconds-most", type=float, default=0, help="the longest task; 0: all alike")
    add("--concurrency", type=int, default=Options.concurrency, help="tasks at work per model")
    add("--instant", action="store_true", help="draw prepared images instead of using the engine")
    add("--submits-per-second", type=float, default=Options.submits_per_second)
    add("--queries-per-second", type=float, default=Options.queries_per_second)
    add("--overflow", choices=("queue", "refuse"), default="queue", help="what surplus tasks do")
    add("--result-shape", choices=("image_url", "results"), default="image_url")
    add("--image-errors", choices=("task", "submit"), default="task")
    add("--refuse-private", action="store_true", help="fetch no image from a private address")
    add("--gateway", choices=("dedicated", "classic"), default="dedicated")
    add("--images-per-result", type=int, default=Options.images_per_result, help="Aliyun Market")
    add("--aidge-image-errors", choices=("submit", "task"), default="submit")
    add("--result-seconds", type=float, default=Options.result_seconds, help="life of results")


def run(arguments: Mapping[str, Any], write: Callable[[str], Any]) -> None:
    """Serve until Ctrl-C or SIGTERM; `write` prints one message."""
    names = [action for action in Options.__dataclass_fields__ if action in arguments]
    options = {name: arguments[name] for name in names}
    if not options["instant"] and (why := engine_unavailable()):
        write(f"The local engine is not available ({why}); prepared images are drawn instead.")
        options["instant"] = True
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    with Sandbox(host=arguments["host"], port=arguments["port"], **options) as sandbox:
        write(f"Sandbox at {sandbox.url}; ledger at {sandbox.url}/_control/ledger\n")
        write(f"ALIYUN_MARKET_BASE_URL={sandbox.aliyun_market_url}\nALIYUN_MARKET_APPCODE=sandbox")
        write(f"AIDGE_BASE_URL={sandbox.aidge_url}\nAIDGE_APP_KEY=sandbox")
        write(f"AIDGE_APP_SECRET={sandbox.options.aidge_secret}")
        write(f"DASHSCOPE_BASE_URL={sandbox.dashscope_url}\nDASHSCOPE_API_KEY=sandbox\n")
        stopped.wait()
    write("Stopped.")
