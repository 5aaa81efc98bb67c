"""Adds demo users and a demo library."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError

from catalog.imports.folder import load_folder
from catalog.models import Collection, Garment

DEMO_PHOTOS = Path(settings.BASE_DIR) / "demo" / "photos"
PASSWORD = "toile-demo"  # noqa: S105
# Each demo login is in the group of its name; all but the shopper may use the admin.
ROLES = ("merchandiser", "reviewer", "publisher", "auditor", "shopper")


class Command(BaseCommand):
    help = "Load a folder of photos (person/ top/ bottom/ dress/) and add the demo logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--photos", type=Path, default=DEMO_PHOTOS, help="folder of photos")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["photos"].is_dir():
            raise CommandError(f"{options['photos']} is not a folder.")
        add_demo_users()
        reports = load_folder(options["photos"])
        show_in_app([report.asset for report in reports])
        refused = [report for report in reports if report.outcome == "refused"]
        for report in refused:
            self.stderr.write(f"{report.file}: {report.message} ({report.code})")
        self.stdout.write(f"{len(reports) - len(refused)} photos in the library.")


def show_in_app(assets: Sequence[Any]) -> None:
    """Put these garments into a collection that shoppers see in the app."""
    shown, _new = Collection.objects.get_or_create(name="Demo", defaults={"in_app": True})
    garments = [asset.pk for asset in assets if isinstance(asset, Garment)]
    Garment.objects.filter(pk__in=garments).collect(shown)


def add_demo_users() -> None:
    """Add users with a public password: only for an installation that nobody else can reach."""
    for name in ROLES:
        staff = {"is_staff": name != "shopper"}
        user, new = User.objects.get_or_create(username=name, defaults=staff)
        if new:
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        user.groups.add(*Group.objects.filter(name=name))


def demo_logins() -> list[tuple[str, str]]:
    """Logins that still have the public password."""
    users = User.objects.filter(username__in=ROLES).order_by("username")
    return [(user.username, PASSWORD) for user in users if user.check_password(PASSWORD)]
