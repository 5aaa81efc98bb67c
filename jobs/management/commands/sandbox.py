"""`manage.py sandbox`: a provider without a key, a bill or a network."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sandbox.cli import add_arguments, run


class Command(BaseCommand):
    help = "Serve the providers' protocols from here, until Ctrl-C."
    # It needs neither the database nor the settings that the checks look at.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        run(options, self._print)

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
