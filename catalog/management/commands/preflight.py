"""Say what providers have against the photos of the library, or of a folder; mend what can be."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

import engine
from catalog.imports.folder import KINDS
from catalog.models import Asset, Garment, Person
from catalog.photos import facts, ingest, pixels
from catalog.preflight import fixes, measure
from catalog.preflight.findings import findings

MENDED = "mended"


class Command(BaseCommand):
    help = "Check photos against every provider's image rules; --mend applies the remedies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="with person/ top/ bottom/ dress/")
        parser.add_argument("--all", action="store_true", help="the whole library")
        text = f"apply what one click would; for a folder, write into its sub-folder {MENDED}/"
        parser.add_argument("--mend", action="store_true", help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path | None = options["folder"]
        if (folder is None) == (not options["all"]):
            raise CommandError("Give a folder, or --all for the library.")
        if engine.unavailable():
            self.stderr.write(f"Only the files are checked: {engine.unavailable()}")
        if folder is None:
            self._library(options["mend"])
        elif folder.is_dir():
            self._folder(folder, options["mend"])
        else:
            raise CommandError(f"{folder} is not a folder.")

    def _library(self, with_mend: bool) -> None:
        for asset in _assets():
            if not engine.unavailable():
                measure.measure(asset, type(asset).objects.all(), timezone.now())
            self._tell(str(asset), asset)
            if with_mend:
                self._mend(asset)

    def _mend(self, asset: Asset) -> None:
        try:
            done = fixes.apply_all(asset)
        except (ingest.Refused, OSError) as error:
            self.stderr.write(f"  {error}")
            return
        if done:
            self.stdout.write(f"  mended: {', '.join(done)}")

    def _folder(self, folder: Path, with_mend: bool) -> None:
        for kind, path in _photos(folder):
            name = f"{kind}/{path.name}"
            try:
                ingest.check_bytes(path.stat().st_size)
                prepared = ingest.prepare(path.read_bytes())
            except ingest.Refused as refused:
                self.stdout.write(f"{name}: {refused}")
                continue
            asset = Person() if kind == "person" else Garment(slot=kind)
            asset.facts = measure.known_of(asset, prepared.wire)
            self._tell(name, asset)
            if with_mend and any(finding.mend for finding in findings(asset)):
                self._write(asset, prepared.wire, folder / MENDED / kind / f"{path.stem}.jpg")

    def _write(self, asset: Asset, wire: bytes, target: Path) -> None:
        image, done = pixels.opened(wire), []
        while mends := [f.mend for f in findings(asset) if f.mend and f.mend not in done]:
            image = fixes.mended(image, mends[0], asset.facts)
            done.append(mends[0])
            wire = pixels.wire_jpeg(image)
            asset.facts = facts.of_rendition(wire, image, image.size)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wire)
        self.stdout.write(f"  mended: {', '.join(done)} -> {target}")

    def _tell(self, name: str, asset: Asset) -> None:
        found = findings(asset)
        self.stdout.write(f"{name}: {len(found) or 'nothing'}")
        for finding in found:
            slots = f" [{', '.join(finding.slots)}]" if finding.slots else ""
            providers = ", ".join(finding.providers)
            self.stdout.write(
                f"  {finding.severity}: {finding.message}{slots} ({providers}). {finding.remedy}"
            )


def _assets() -> Iterator[Asset]:
    yield from Person.objects.team_owned().active().order_by("pk").iterator(100)
    yield from Garment.objects.active().order_by("pk").iterator(100)


def _photos(folder: Path) -> Iterable[tuple[str, Path]]:
    for kind in KINDS:
        for path in sorted((folder / kind).glob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield kind, path
