"""The whole installation on one machine: web and both worker lanes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from demo.management.commands import seed
from jobs.dispatch import supervisor
from jobs.management.commands import work


class Command(work.Command):
    help = "Run the web server and both worker lanes together. Ctrl-C stops cleanly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="host:port")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"\n  Toile  http://{options['bind']}/\n")
        for name, password in seed.demo_logins():
            self.stdout.write(f"  login  {name} / {password}")
        self.stdout.write("  Ctrl-C stops.\n\n")
        self.supervise([*supervisor.lanes(), supervisor.web(options["bind"])])
