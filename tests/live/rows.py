"""`python -m tests.live.rows fill PASSWORD | jobs NAME`: create or count rows of a live site."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tryon_site.settings")
django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402

from catalog.models import Collection, Garment, Person  # noqa: E402
from catalog.photos.add import add_photo  # noqa: E402
from demo.management.commands.seed import DEMO_PHOTOS  # noqa: E402
from jobs.models import Result, TryOnJob  # noqa: E402

NAMES = ("merchandiser", "reviewer", "publisher", "auditor", "shopper", "other")


def fill(password: str) -> None:
    """A user of each role, and a few garments that the app shows."""
    for name in NAMES:
        user = User.objects.create_user(name, password=password)
        user.groups.add(*Group.objects.filter(name=name if name != "other" else "shopper"))
    shown = Collection.objects.create(name="Spring", in_app=True)
    for slot in Garment.Slot.values:
        file = next(Path(DEMO_PHOTOS, slot).glob("*.jpg"))
        add_photo(Garment, file.read_bytes(), name=f"A {slot}", slot=slot)
    Garment.objects.all().collect(shown)
    add_photo(Person, a_person(), name="A team's model", gender="woman", consent_scope="unneeded")


def a_person() -> bytes:
    """Return a demo photo of a person."""
    return next(Path(DEMO_PHOTOS, "person").glob("*.jpg")).read_bytes()


def jobs(name: str) -> None:
    """Print the states of a user's jobs, and how many results and persons there are."""
    asked = TryOnJob.objects.filter(created_by__username=name).order_by("id")
    images = Result.objects.finished().filter(job__in=asked)
    persons = Person.objects.filter(owner__username=name).count()
    summary = {"states": list(asked.values_list("state", flat=True)), "results": images.count()}
    print(json.dumps(summary | {"persons": persons}))


if __name__ == "__main__":
    {"fill": fill, "jobs": jobs}[sys.argv[1]](*sys.argv[2:])
