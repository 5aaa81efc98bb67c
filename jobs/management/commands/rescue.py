"""`manage.py rescue`: after an outage, download what providers still have."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs.dispatch import recovery
from jobs.models import ProviderAccount
from providers import registry
from providers.contract import ProviderError

PENDING, LOST = 1, 2
ROW = "{:>8} {:>8}  {:<11} {:<36}  {:<17} {}"


class Command(BaseCommand):
    help = (
        "Fetch finished images that an outage left at their providers, and list tasks there that "
        "nobody here knows. Submits nothing, costs nothing, may run beside the workers. "
        "Exit code 0: nothing is left; 1: something may still come, run it again; "
        "2: something is lost, or a person must look at it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="ALIAS", help="only this one (default: all)")
        parser.add_argument("--dry-run", action="store_true", help="list, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        codes = [0]
        for account in _accounts_to_rescue(options["account"]):
            self.stdout.write(self.style.MIGRATE_HEADING(str(account)))
            act = self._list if options["dry_run"] else self._rescue
            codes += [act(account), self._unknown_tasks(account)]
        if max(codes):
            text = {PENDING: "Something is still there.", LOST: "Something needs a person."}
            raise CommandError(text[max(codes)], returncode=max(codes))

    def _list(self, account: ProviderAccount) -> int:
        steps = recovery.not_downloaded(account)
        self._head(bool(steps))
        for step in steps:
            self._row(step, step.state, "")
        return PENDING if steps else 0

    def _rescue(self, account: ProviderAccount) -> int:
        code, first = 0, True
        for found in recovery.Rescue(account).run():
            self._head(first)
            self._row(found.step, found.verdict, found.note)
            code, first = max(code, {"pending": PENDING, "lost": LOST}.get(found.verdict, 0)), False
        return code

    def _head(self, wanted: bool) -> None:
        if wanted:
            self.stdout.write(ROW.format("step", "try-on", "", "task", "kept until", ""))

    def _row(self, step: Any, verdict: str, note: str) -> None:
        until = step.result_expires_at()
        when = f"{until:%Y-%m-%d %H:%M}" if until else "—"
        task = step.remote_id or "—"
        self.stdout.write(ROW.format(step.pk, step.job_id, verdict, task, when, note).rstrip())

    def _unknown_tasks(self, account: ProviderAccount) -> int:
        try:
            unknown = recovery.unknown_tasks(account, timezone.now())
        except ProviderError as error:
            if error.kind != "unsupported":
                self.stderr.write(f"{account}: its tasks cannot be listed: {error}")
                return PENDING
            return 0
        for task in unknown:
            made = f"{task.created_at:%Y-%m-%d %H:%M:%S}"
            text = f"nobody knows task {task.remote_id} ({task.model}, {made}, {task.state})"
            self.stdout.write(text)
        return LOST if unknown else 0


def _accounts_to_rescue(alias: str | None) -> list[ProviderAccount]:
    """The accounts to rescue from: available ones whose images are made elsewhere."""
    accounts = ProviderAccount.objects.all()
    if alias:
        accounts = accounts.filter(alias=alias)
        if not accounts:
            raise CommandError(f"No provider “{alias}”.", returncode=LOST)
        if reason := registry.unavailable_reason(alias):
            raise CommandError(reason, returncode=LOST)
    usable = [account for account in accounts if not registry.unavailable_reason(account.alias)]
    return [a for a in usable if not registry.capabilities(a.alias).runs_here]
