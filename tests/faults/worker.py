"""A worker process that can be made to die at one exact moment.

`python -m tests.faults.worker VERB [moment]`, with the environment of an installation:
`ask` queues a job, `work` works until all jobs have ended (or dies), `report` prints what is there.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryon_site.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from catalog.models import Garment, Person  # noqa: E402
from catalog.photos.add import add_photo  # noqa: E402
from catalog.storage import files  # noqa: E402
from jobs import pipeline  # noqa: E402
from jobs.billing import ledger_check  # noqa: E402
from jobs.dispatch import render, store_results  # noqa: E402
from jobs.dispatch.run_inline import work_until  # noqa: E402
from jobs.launch.create import launch  # noqa: E402
from jobs.models import ProviderAccount, Result, Step, TryOnJob, account  # noqa: E402
from providers import registry  # noqa: E402
from tests.pictures import photo  # noqa: E402

# A dead worker's lease or claim must end soon in a test.
account.LEASE_S = 1  # type: ignore[misc]
pipeline.RECONCILE_AFTER_S = 1
store_results.CLAIM_S = 1
render.CLAIM_MARGIN_S = 1
settings.ENGINE_TIMEOUT_S = 1


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    setattr(owner, name, die)


def after(owner: Any, name: str) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        die()

    setattr(owner, name, wrapped)


def provider() -> Any:
    return registry.provider(os.environ["ALIAS"])


MOMENTS: dict[str, Callable[[], None]] = {
    "before the claim": lambda: before(Step, "begin"),
    "after the claim": lambda: after(Step, "begin"),
    "between acceptance and commit": lambda: after(provider(), "submit"),
    "while the provider works": lambda: before(provider(), "poll"),
    "before the download": lambda: before(store_results, "fetch"),
    "half-way through a file": lambda: before(files.os, "fsync"),
    "between file and row": lambda: after(store_results, "_write"),
    "after the row": lambda: after(store_results, "finish"),
    "in the engine": lambda: before(provider(), "submit"),
}


def ask() -> None:
    data = photo(400, 600, seed=1)
    launch(
        persons=[add_photo(Person, data, name="Ada", gender="woman", consent_scope="tryon")],
        outfits=[{"top": add_photo(Garment, data, name="Tee", slot="top")}],
        account=ProviderAccount.objects.get(alias=os.environ["ALIAS"]),
    )


def work(moment: str = "") -> None:
    if moment:
        MOMENTS[moment]()
    if os.environ.get("NO_LIST"):
        provider().recent = type(provider()).__mro__[1].recent.__get__(provider())
    work_until(lambda: not TryOnJob.objects.unfinished().exists())


def report() -> None:
    jobs = TryOnJob.objects.order_by("id").values_list("state", "error_code")
    steps = Step.objects.order_by("id").values_list("state", "cost")
    cost = sum(cost or 0 for _state, cost in steps)
    readable = [bool(result.original.read()) for result in Result.objects.all()]
    report = {"jobs": list(jobs), "cost": str(cost), "results": readable}
    report["differences"] = ledger_check.differences()
    print(json.dumps(report | {"steps": [state for state, _cost in steps]}))


if __name__ == "__main__":
    {"ask": ask, "work": work, "report": report}[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]
    connection.close()
