"""What the benches of the lanes share: an installation of their own, both lanes, a launch."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def install(folder: Path, database: str = "", **env: str) -> None:
    """A migrated installation in `folder`, and Django set up for it in this process."""
    os.environ |= {
        "VAR_DIR": str(folder),
        "DATABASE_URL": database or f"sqlite:///{folder / 'bench.sqlite3'}",
        "DASHSCOPE_API_KEY": "bench",
        "DASHSCOPE_DELIVERY": "dashscope-upload",
        "DJANGO_SETTINGS_MODULE": "tryon_site.settings",
        "LOG_LEVEL": "ERROR",
        **env,
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
    import django

    django.setup()


def launch(count: int, *, alias: str = "dashscope", interactive: bool = False) -> Any:
    """So many different try-ons of a few photos in one batch, whether made before or not."""
    from catalog.models import Garment, Person
    from jobs.launch.create import launch_cells
    from jobs.models import ProviderAccount

    side = math.ceil(math.sqrt(count))
    persons = _photos(Person, side, consent_scope="unneeded")
    outfits = [{"top": garment} for garment in _photos(Garment, side, slot="top")]
    return launch_cells(
        list(product(persons, outfits))[:count],
        account=ProviderAccount.objects.get(alias=alias),
        interactive=interactive,
        again=True,
        override=True,  # noise shows no person, and the sandbox that draws does not mind
    )


def _photos(model: Any, count: int, **values: str) -> list[Any]:
    """The first rows of a Person or Garment, made where there are fewer."""
    from catalog.photos.add import add_photo
    from tests.pictures import photo

    first = model.objects.count()
    for n in range(first, count):
        seed = n + (model.__name__ == "Garment") * 1000
        add_photo(model, photo(600, 800, seed=seed), name=f"{model.__name__} {n}", **values)
    return list(model.objects.order_by("pk")[:count])


def finish(batch: Any, every: Callable[[], None] | None = None, timeout_s: float = 1800) -> float:
    """Wait for a batch with both lanes at work; seconds from launch to the last job's end."""
    deadline = time.monotonic() + timeout_s
    while batch.jobs.unfinished().exists() and time.monotonic() < deadline:
        if every:
            every()
        time.sleep(0.2)
    ends = batch.jobs.exclude(finished_at=None).values_list("finished_at", flat=True)
    return (max(ends) - batch.created_at).total_seconds()


class Lanes:
    """`manage.py work`, up and idle before anything is measured."""

    def __enter__(self) -> Lanes:
        self.process = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT)
        deadline = time.monotonic() + 60
        while not _both_take_work() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)


def _both_take_work() -> bool:
    """Ask both lanes for a sign of life by work that does nothing."""
    from django_q.models import OrmQ
    from django_q.tasks import async_task

    if not OrmQ.objects.exists():
        async_task("jobs.tasks.store", 0, cluster="media", save=False)
        async_task("jobs.tasks.store", 0, save=False)
    time.sleep(1)
    return not OrmQ.objects.exists()
