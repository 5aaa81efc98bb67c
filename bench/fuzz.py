"""Send generated requests to every address of the API, as each role, and check every answer.

    python bench/fuzz.py [--role shopper] [--examples 20] [--seed 1]

The rows are those of tests/api/role_table.py, some of each kind, in a database of its own. Exits
with 1 where any check of schemathesis fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import ROOT, install

ROLES = ("anonymous", "shopper", "merchandiser", "reviewer", "publisher", "auditor")
PASSWORD = "fuzz-the-site"
KINDS = ("garments", "persons", "jobs", "batches", "results", "galleries")
COUNT = 3
# Signs the role out that is at work: it has its turn when all else is done.
LAST = "deleteDevice"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", choices=ROLES, action="append")
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder), API_RATES=json.dumps(_rates()), SHOPPER_DAILY_TRYONS="1000000")
        with served() as site:
            failed = [r for r in said.role or ROLES if not fuzz(site, r, said.examples, said.seed)]
    if failed:
        print("Failed as " + ", ".join(failed))
    return 1 if failed else 0


def _rates() -> dict[str, str]:
    return dict.fromkeys(("read", "write", "upload", "tryon"), "1000000/min")


@contextmanager
def served() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = ["-m", "gunicorn", "bench.fuzz_site", "-b", address, "--threads", "8", *LONG]
    process = subprocess.Popen([sys.executable, *command, "--log-level", "error"], cwd=ROOT)
    try:
        _wait_for(f"http://{address}/api/v1/openapi.json")
        yield f"http://{address}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(url: str) -> None:
    for _try in range(100):
        try:
            urllib.request.urlopen(url, timeout=30)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The site does not answer.")


def fuzz(site: str, role: str, examples: int, seed: int) -> bool:
    """Whether every check held."""
    token = seeded(site, role) if role != "anonymous" else ""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        *(f"{site}/api/v1/openapi.json", "--checks", "all", "--max-examples", str(examples)),
        *("--seed", str(seed), "--continue-on-failure", "--no-shrink", "--no-color"),
        *(["--header", f"Authorization: Bearer {token}"] if token else []),
    ]
    main = _run([*command, "--exclude-operation-id", LAST])
    last = _run([*command, "--include-operation-id", LAST])
    made = sum(int(n) for n in re.findall(r"(\d+) generated", main.stdout + last.stdout))
    good = main.returncode == last.returncode == 0
    print(f"{role}: {made} cases, {'all as promised' if good else 'FAILED'}", flush=True)
    if not good:
        print(main.stdout, last.stdout, sep="\n")
    return good


# Of a request line, so that not the server but the API answers whatever is in it.
LONG = ("--limit-request-line", "0")
CONFIG = ROOT / "bench/schemathesis.toml"


def _run(command: list[str]) -> Any:
    # What it keeps of its own (examples that failed) is not the project's.
    return subprocess.run(
        command,
        cwd=os.environ["VAR_DIR"],
        env=os.environ | {"SCHEMATHESIS_HOOKS": "bench.fuzz_hooks", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def seeded(site: str, role: str) -> str:
    """Rows that the role sees, and its token."""
    from tests.api.conftest import member
    from tests.api.role_table import World

    user = member(role, f"fuzz-{role}")
    user.set_password(PASSWORD)
    user.save()
    world: Any = World(user)
    for whose in ("house", "shown", "own", "approved"):
        for kind in KINDS:
            make = getattr(world, f"{whose}_{kind}", None)
            for _n in range(COUNT if make else 0):
                make()
    return _signed_in(site, user.get_username())


def _signed_in(site: str, name: str) -> str:
    request = urllib.request.Request(
        f"{site}/_allauth/app/v1/auth/login",
        json.dumps({"username": name, "password": PASSWORD}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        token: str = json.load(answer)["meta"]["session_token"]
    return token


if __name__ == "__main__":
    raise SystemExit(main())
