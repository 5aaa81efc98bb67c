"""How many of our own functions and modules one act enters: what a reader has to follow.

Counts by sys.setprofile, the second time that something is done: show the launch page, press
launch, approve a result, a paid submit, POST /api/v1/jobs. Functions are counted once, however
often they are called; lambdas and comprehensions belong to the function that they stand in.
Prints both numbers with the goal and what they were before the rooms (commit 9f56b5e), and last
one line of JSON; exits 1 where a goal is missed. `--list ACT` prints what was entered.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import harness

Entered = set[tuple[str, str]]


class Goal(NamedTuple):
    """Functions and modules: before the rooms, and to be reached."""

    before: tuple[int, int]
    most: tuple[int, int]


GOALS = {
    "show the launch page": Goal((175, 48), (110, 28)),
    "press launch": Goal((145, 40), (80, 22)),
    "approve": Goal((44, 17), (35, 14)),
    "a paid submit": Goal((121, 23), (100, 20)),
    "POST /api/v1/jobs": Goal((142, 44), (100, 28)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", choices=GOALS, help="print what this act enters")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toile-bench-") as folder:
        harness.install(Path(folder), DEBUG="true")
        figures = dict(_acts())
    if options.list:
        print("\n".join(f"{module}: {name}" for module, name in sorted(figures[options.list])))
    found = {}
    for name, entered in figures.items():
        counts = len(entered), len({module for module, _name in entered})
        goal = GOALS[name]
        found[name] = {"functions": counts[0], "modules": counts[1]}
        print(
            f"{name:22} {counts[0]:4} functions in {counts[1]:3} modules"
            f"   goal {goal.most[0]}/{goal.most[1]}, before {goal.before[0]}/{goal.before[1]}"
        )
    missed = [name for name, counts in found.items() if _misses(GOALS[name], counts)]
    print(json.dumps({"figures": found, "missed": missed, "ok": not missed}))
    return bool(missed)


def _misses(goal: Goal, counts: dict[str, int]) -> bool:
    return counts["functions"] > goal.most[0] or counts["modules"] > goal.most[1]


class Counter:
    """Notes each function of ours that is entered while `into` is set, in every thread."""

    def __init__(self) -> None:
        self.into: Entered | None = None
        # Threads keep for life what they began with, as those that make the provider's calls.
        threading.setprofile(self._profile)

    @contextmanager
    def counting(self) -> Iterator[Entered]:
        entered = self.into = set()
        sys.setprofile(self._profile)
        try:
            yield entered
        finally:
            sys.setprofile(None)
            self.into = None

    def _profile(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call" or self.into is None:
            return
        code = frame.f_code
        path = Path(code.co_filename)
        if not code.co_name.startswith("<") and path.is_relative_to(harness.ROOT):
            inside = path.relative_to(harness.ROOT)
            if inside.parts[0] not in (".venv", "bench", "tests", "sandbox"):
                self.into.add((str(inside), code.co_qualname))


counter = Counter()


def _acts() -> Iterator[tuple[str, Entered]]:
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import setup_test_environment
    from rest_framework.test import APIClient

    from catalog.models import Garment, Person
    from jobs.models import Batch, ProviderAccount
    from sandbox.server import Sandbox
    from tests.factories import make_result
    from tests.jobs.launch_setup import field, order, show

    setup_test_environment()
    boss = User.objects.create_superuser("boss", password="x")
    client, api = Client(), APIClient()
    client.force_login(boss)
    api.force_authenticate(boss)
    account = ProviderAccount.objects.get(alias="dashscope")
    harness.launch(1).delete()
    [person], garments = Person.objects.all(), list(Garment.objects.all()[:2])
    wanted = order(account, *garments, persons=[person])

    yield "show the launch page", _second(lambda: _ok(show(client, wanted), 200))

    def press() -> Entered:
        shown = show(client, wanted)
        carried = {name: field(shown, name) for name in ("token", "agreed", "ticks")}
        with counter.counting() as entered:
            _ok(client.post("/launch/", wanted | carried | {"do": "launch"}), 302)
        Batch.objects.all().delete()
        return entered

    press()
    yield "press launch", press()

    results = iter([make_result(), make_result()])

    def approve() -> None:
        url = f"/results/{next(results).pk}/decide/"
        _ok(client.post(url, {"verdict": "approved"}), 302)

    yield "approve", _second(approve)
    Batch.objects.all().delete()

    with Sandbox(task_seconds=60, instant=True) as sandbox:
        os.environ["DASHSCOPE_BASE_URL"] = sandbox.dashscope_url
        yield "a paid submit", _submit(sandbox.dashscope_url)
    Batch.objects.all().delete()

    def post() -> Entered:
        body = {"person": person.pk, "top": garments[0].pk, "provider": "dashscope"}
        key = {"Idempotency-Key": str(uuid.uuid4())}
        with counter.counting() as entered:
            _ok(api.post("/api/v1/jobs", body, format="json", headers=key), 202)
        Batch.objects.all().delete()
        return entered

    post()
    yield "POST /api/v1/jobs", post()


def _second(act: Callable[[], None]) -> Entered:
    """What the act enters the second time: what is loaded once does not count."""
    act()
    with counter.counting() as entered:
        act()
    return entered


def _submit(url: str) -> Entered:
    """From a waiting step to the provider's task: the dispatcher's turns and its call."""
    from django.conf import settings

    from jobs.dispatch.clock import Clock
    from jobs.dispatch.dispatcher import Dispatcher
    from jobs.models import ProviderAccount, Step
    from providers import registry

    settings.PROVIDERS["dashscope"]["OPTIONS"]["base_url"] = url
    registry.clear_caches()
    # Its turn would count as well, and nothing is submitted by it.
    ProviderAccount.objects.filter(alias="local").delete()

    class StoppedClock(Clock):
        """Nothing else becomes due while a call is on its way: leases, polls of earlier steps."""

        def monotonic(self) -> float:
            return 1.0

    dispatcher = Dispatcher(StoppedClock())
    for _first_and_second in range(2):
        batch = harness.launch(1)
        with counter.counting() as entered:
            while Step.objects.filter(batch=batch, remote_id="").exists():
                dispatcher.turn()
                dispatcher.rest()
    dispatcher.close()
    return entered


def _ok(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.content.decode()[:2000]


if __name__ == "__main__":
    sys.exit(main())
