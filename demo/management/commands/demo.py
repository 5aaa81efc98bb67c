"""Runs a demo batch from photos to a contact sheet, with both worker lanes."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog import consent
from catalog.imports.folder import load_folder
from catalog.models import Garment, Person
from demo.management.commands.seed import DEMO_PHOTOS, add_demo_users, show_in_app
from jobs.dispatch import supervisor
from jobs.launch.checks import refusals
from jobs.launch.create import LaunchRefused, launch_plan
from jobs.launch.plan import Plan
from jobs.launch.selection import REMAKE, Cell, Outfit
from jobs.management.commands.tryon import STATED
from jobs.models import Batch, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from reports.contact_sheet_image import contact_sheet

TOP, BOTTOM, DRESS = Garment.Slot.TOP, Garment.Slot.BOTTOM, Garment.Slot.DRESS


class Command(BaseCommand):
    help = "Dress a library of photos on the embedded engine and write a contact sheet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--photos", type=Path, help="folder with person/ top/ bottom/ dress/")
        parser.add_argument("--provider", default="local")
        parser.add_argument(
            "--consent",
            choices=Person.Consent.values,
            default=Person.Consent.TRYON.value,
            help="what the persons in --photos agreed to, where nobody has recorded it",
        )
        parser.add_argument("--out", type=Path, default=Path(settings.BASE_DIR) / "out")

    def handle(self, *args: Any, **options: Any) -> None:
        add_demo_users()
        batch = self._launch(options["photos"], options["provider"], options["consent"])
        children = supervisor.lanes()
        try:
            supervisor.watch(children, lambda: self._progress(batch), self.stderr.write)
        finally:
            supervisor.stop(children)
        self._report(batch, options["out"])

    def _launch(self, photos: Path | None, provider: str, scope: str) -> Batch:
        folder = photos or DEMO_PHOTOS
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        reports = load_folder(folder)
        for report in reports:
            if report.outcome == "refused":
                self.stderr.write(f"{report.file}: {report.message} ({report.code})")
        show_in_app([report.asset for report in reports])
        # The folder still has the photos of archived rows.
        found = [report.asset for report in reports if report.asset]
        assets = [asset for asset in found if not asset.archived_at]
        persons = [asset for asset in assets if isinstance(asset, Person)]
        garments = [asset for asset in assets if isinstance(asset, Garment)]
        if not persons or not garments:
            raise CommandError(f"{folder} needs photos in person/ and in top/, bottom/ or dress/.")
        for person in persons if photos else ():
            consent.record_if_missing(person, None, scope=scope, note=STATED)
        outfits = [{garment.slot: garment} for garment in garments]
        cells = list(zip(cycle(persons), outfits)) if photos else _demo_cells(persons, garments)
        try:
            account = ProviderAccount.objects.get(alias=provider)
            return self._queue(account, cells, f"Demo: {folder.name}")
        except ProviderAccount.DoesNotExist as error:
            raise CommandError(f"No provider “{provider}”.") from error
        except LaunchRefused as refused:
            raise CommandError("\n".join(refused.reasons)) from refused

    def _queue(self, account: ProviderAccount, cells: Sequence[Cell], name: str) -> Batch:
        """Launch what the provider accepts, and print what it would refuse.

        Everything is made again each time, to be watched.
        """
        if why := registry.unavailable_reason(account.alias):
            raise LaunchRefused([why])
        recipe = Recipe().with_default_model(registry.capabilities(account.alias))
        plan = Plan.of(cells, account, recipe, timezone.now(), wanted=REMAKE * len(cells))
        for planned in plan.cells:
            person, outfit = planned.cell
            worn = " + ".join(map(str, outfit.values()))
            for found in refusals(planned.found):
                self.stderr.write(f"{person} · {worn}: {found}")
        return launch_plan(plan, name=name)

    def _progress(self, batch: Batch) -> bool:
        """Print the progress bar; whether the batch has ended."""
        counts = batch.counts()
        total = sum(counts.values())
        left = counts["queued"] + counts["running"]
        filled = 40 * (total - left) // total
        bar = f"[{'█' * filled}{'·' * (40 - filled)}] {total - left}/{total}"
        if sys.stdout.isatty():
            self.stdout.write(f"\r{bar}", ending="\n" if not left else "")
        elif bar != getattr(self, "_drawn", ""):
            self.stdout.write(bar)
        self._drawn = bar
        self.stdout.flush()
        time.sleep(0.3)
        return not left

    def _report(self, batch: Batch, out: Path) -> None:
        jobs = list(batch.jobs.with_pictures().prefetch_related("results", "steps").order_by("id"))
        out.mkdir(parents=True, exist_ok=True)
        sheet = out / "contact-sheet.jpg"
        sheet.write_bytes(contact_sheet(jobs))
        for job in jobs:
            self.stdout.write(_job_row(job))
        self.stdout.write(f"\nContact sheet: {sheet}")
        self.stdout.write("Look at them and review them: make serve")
        failed = [job for job in jobs if job.state != TryOnJob.State.SUCCEEDED]
        if failed:
            raise CommandError(f"{len(failed)} of {len(jobs)} try-ons did not succeed.")


def _demo_cells(persons: list[Person], garments: list[Garment]) -> list[Cell]:
    """Each top alone and with a bottom, each bottom and dress alone: on the persons in turn."""
    by_slot = {slot: [g for g in garments if g.slot == slot] for slot in Garment.Slot.values}
    women = [person for person in persons if person.gender != Person.Gender.MAN] or persons
    bottoms = cycle(by_slot[BOTTOM])
    tops: list[Outfit] = [{TOP: top} for top in by_slot[TOP]]
    both: list[Outfit] = [{TOP: top, BOTTOM: next(bottoms)} for top in by_slot[TOP]]
    single_bottoms: list[Outfit] = [{BOTTOM: bottom} for bottom in by_slot[BOTTOM]]
    dresses: list[Outfit] = [{DRESS: dress} for dress in by_slot[DRESS]]
    turns = cycle(persons)
    cells = [(next(turns), outfit) for outfit in [*tops, *both, *single_bottoms]]
    return cells + list(zip(cycle(women), dresses))


def _job_row(job: TryOnJob) -> str:
    seconds = sum(
        (step.ended_at - step.submitted_at).total_seconds()
        for step in job.steps.all()
        if step.ended_at and step.submitted_at
    )
    cost = sum(step.cost or 0 for step in job.steps.all())
    error = f"  {job.error_code}: {job.error_message}" if job.error_code else ""
    return f"{job.pk:>5}  {job.state:<10} {seconds:6.1f} s {cost:8.2f} CNY  {job}{error}"
