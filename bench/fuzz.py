"""Send generated requests to every address of the API, as each role, and check every answer.

    python bench/fuzz.py [--role shopper] [--examples 20] [--seed 1]

The rows are those of tests/api/role_table.py, some of each kind, in a new database. Exits
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
KINDS = ("garments", "persons", "jobs", "batches", "results", "galleries", "webhooks")
OWNERS = ("house", "shown", "own", "approved")
COUNT = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", choices=ROLES, action="append")
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder), API_RATES=json.dumps(_rates()), SHOPPER_DAILY_TRYONS="1000000")
        with served() as site:
            # Before the first request: signing in is limited by the minute.
            tokens = {role: signed_in(site, role) for role in options.role or ROLES}
            failed = [
                role
                for role, role_tokens in tokens.items()
                if not fuzz(site, role, role_tokens, options.examples, options.seed)
            ]
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
    command = [
        "-m",
        "gunicorn",
        "bench.fuzz_site",
        "-b",
        address,
        "--threads",
        "8",
        *ANY_LINE_LENGTH,
    ]
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


def fuzz(site: str, role: str, tokens: list[str], examples: int, seed: int) -> bool:
    """Whether every check held."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        *(f"{site}/api/v1/openapi.json", "--checks", "all", "--max-examples", str(examples)),
        *("--seed", str(seed), "--continue-on-failure", "--no-shrink", "--no-color"),
    ]
    done = [
        _run([*command, *parts, *(["--header", header + token] if token else [])])
        for (header, parts), token in zip(RUNS, tokens, strict=True)
    ]
    made = sum(int(n) for run in done for n in re.findall(r"(\d+) generated", run.stdout))
    good = not any(run.returncode for run in done)
    print(f"{role}: {made} cases, {'all as promised' if good else 'FAILED'}", flush=True)
    if not good:
        print(*(run.stdout for run in done if run.returncode), sep="\n")
    return good


API_TOKEN, SESSION_TOKEN = "Authorization: Bearer ", "X-Session-Token: "
SIGNING_IN = "Signing in"
# They end the session that the other requests use, so they run last.
SIGN_OUT = [
    word for name in ("signOut", "endSessions") for word in ("--exclude-operation-id", name)
]
RUNS = (
    (API_TOKEN, ["--exclude-tag", SIGNING_IN, "--exclude-operation-id", "deleteDevice"]),
    (SESSION_TOKEN, ["--include-tag", SIGNING_IN, *SIGN_OUT]),
    (API_TOKEN, ["--include-operation-id", "deleteDevice"]),
    (SESSION_TOKEN, ["--include-operation-id", "signOut", "--include-operation-id", "endSessions"]),
)
# Of a request line, so that not the server but the API answers whatever is in it.
ANY_LINE_LENGTH = ("--limit-request-line", "0")
CONFIG = ROOT / "bench/schemathesis.toml"


def _run(command: list[str]) -> Any:
    # Its files (examples that failed) do not belong in the project.
    return subprocess.run(
        command,
        cwd=os.environ["VAR_DIR"],
        env=os.environ | {"SCHEMATHESIS_HOOKS": "bench.fuzz_hooks", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def signed_in(site: str, role: str) -> list[str]:
    """Tokens of new users of this role, one for each run: no run signs out another's.

    Each has rows of every kind.
    """
    if role == "anonymous":
        return [""] * len(RUNS)
    return [_signed_in(site, role, f"fuzz-{role}-{n}") for n in range(len(RUNS))]


def _signed_in(site: str, role: str, name: str) -> str:
    from tests.api.conftest import member

    user = member(role, name)
    user.set_password(PASSWORD)
    user.save()
    seed(user)
    return _token(site, name)


def seed(user: Any) -> None:
    from tests.api.role_table import World

    world: Any = World(user)
    makers = [f"{owner}_{kind}" for owner in OWNERS for kind in KINDS]
    for make in filter(None, (getattr(world, name, None) for name in makers)):
        for _n in range(COUNT):
            make()


def _token(site: str, name: str) -> str:
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
