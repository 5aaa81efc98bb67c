"""One try-on from files to a file, launched and dispatched as any other."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Garment, Person
from catalog.photos.add import OnDuplicate, add_photo
from catalog.photos.ingest import Refused
from jobs.batches import failures
from jobs.dispatch.run_inline import work_until
from jobs.launch.create import AlreadyMade, LaunchRefused, launch
from jobs.launch.selection import ImpossibleOutfit, outfit_of
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe
from jobs.result_warnings import sentence

FAILED, REFUSED, UNDECIDED = 1, 2, 3
# The user of the command line vouches for the photo.
STATED = "Stated on the command line."


class Command(BaseCommand):
    help = (
        "Dress the person of one photo in the garments of others and write the image. "
        "Exit code 0: done; 1: the provider failed; 2: an input was refused; "
        "3: not finished in time, or needs attention."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--person", type=Path, required=True, help="photo of the person")
        for slot in Garment.Slot.values:
            parser.add_argument(f"--{slot}", type=Path, help=f"photo of the {slot}")
        parser.add_argument("--provider", default="local", help="alias (default: local)")
        parser.add_argument("--model", default="", help="the provider's model")
        parser.add_argument("--gender", choices=Person.Gender.values, default="")
        parser.add_argument(
            "--consent",
            choices=Person.Consent.values,
            default=Person.Consent.TRYON.value,
            help="what the person agreed to, where nobody has recorded it (default: tryon)",
        )
        parser.add_argument("--refine", action="store_true", help="run the refiner afterwards")
        parser.add_argument("--keep-rest", action="store_true", help="keep the other half")
        parser.add_argument("--again", action="store_true", help="even if it was made before")
        parser.add_argument("--resolution", type=int, default=-1, help="-1: as the person photo")
        parser.add_argument(
            "--new-face",
            dest="restore_face",
            action="store_false",
            help="let the provider invent a face",
        )
        parser.add_argument(
            "--option",
            action="append",
            default=[],
            type=_option,
            metavar="NAME=JSON",
            help="an option that only this provider has; may be repeated",
        )
        parser.add_argument("--timeout", type=float, default=900, help="seconds (default: 900)")
        parser.add_argument("--out", type=Path, required=True, help="where the image goes")

    def handle(self, *args: Any, **options: Any) -> None:
        job = self._launch(options)
        deadline = time.monotonic() + options["timeout"]
        work_until(lambda: _ended(job) or time.monotonic() > deadline)
        self._report(job, options["out"])

    def _existing_job(self, made: AlreadyMade) -> TryOnJob:
        """Report and return the job that was launched before; it may still be at work."""
        [job] = made.jobs
        self.stdout.write("Made before: nothing is spent now. --again insists.")
        return job

    def _launch(self, options: dict[str, Any]) -> TryOnJob:
        account = ProviderAccount.objects.filter(alias=options["provider"]).first()
        if account is None:
            raise CommandError(f"No provider “{options['provider']}”.", returncode=REFUSED)
        names = ("model", "keep_rest", "refine", "resolution", "restore_face")
        recipe = Recipe(**{name: options[name] for name in names}, extra=dict(options["option"]))
        slots = [slot for slot in Garment.Slot.values if options[slot]]
        try:
            gender = options["gender"]
            consent = {"consent_scope": options["consent"], "consent_note": STATED}
            person = _asset(Person, options["person"], gender=gender, **consent)
            if gender not in {"", person.gender}:
                text = f"{person} is in the library as “{person.get_gender_display()}”."
                raise CommandError(f"{text} Change it there.", returncode=REFUSED)
            garments = [_asset(Garment, options[slot], slot=slot) for slot in slots]
            outfit = outfit_of(*garments)
            batch = launch(
                persons=[person],
                outfits=[outfit],
                account=account,
                recipe=recipe,
                name=f"tryon {options['out'].name}",
                interactive=True,
                again=options["again"],
            )
        except AlreadyMade as made:
            return self._existing_job(made)
        except (LaunchRefused, ImpossibleOutfit) as refused:
            raise CommandError(str(refused), returncode=REFUSED) from refused
        return batch.jobs.get()

    def _report(self, job: TryOnJob, out: Path) -> None:
        job.refresh_from_db()
        if job.state == TryOnJob.State.SUCCEEDED:
            self._write(job, out)
            return
        text = f"{job.get_state_display()}: {job.error_code} {job.error_message}".rstrip()
        if remedy := failures.remedy_of_job(job):
            text += f"\n{remedy.title}. {remedy.help}"
        ended = job.state in {TryOnJob.State.FAILED, TryOnJob.State.CANCELED}
        raise CommandError(text, returncode=FAILED if ended else UNDECIDED)

    def _write(self, job: TryOnJob, out: Path) -> None:
        result = Result.objects.final().filter(job=job).latest("id")
        with result.original.open() as file:
            out.write_bytes(file.read())
        cost = sum(step.cost or 0 for step in job.steps.all())
        assert job.finished_at
        seconds = (job.finished_at - job.created_at).total_seconds()
        size = f"{result.width} × {result.height}"
        self.stdout.write(f"{out}: {size}, {seconds:.1f} s, {cost:.2f} CNY")
        for code in result.warnings:
            self.stdout.write(f"  {sentence(code)}")


def _option(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError as error:
        raise ArgumentTypeError(f"{name} needs a JSON value, not {value!r}") from error


def _asset(model: Any, path: Path, **attributes: Any) -> Any:
    """The library's asset of this very file, or a new one. Raises CommandError."""
    try:
        data = path.read_bytes()
        name = path.stem[:120]
        return add_photo(model, data, on_duplicate=OnDuplicate.REUSE, name=name, **attributes)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=REFUSED) from error
    except Refused as refused:
        message = f"{path}: {refused.message} ({refused.code})"
        raise CommandError(message, returncode=REFUSED) from refused


def _ended(job: TryOnJob) -> bool:
    job.refresh_from_db(fields=["state"])
    return job.state not in TryOnJob.UNFINISHED
