"""`kill -9` at each moment of a job's life; the sandbox's ledger says what was billed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
Run = Callable[..., Any]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation's folder with an empty database, made once."""
    folder = tmp_path_factory.mktemp("installation")
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=_env(folder), check=True)
    return folder


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0.2, instant=True) as running:
        yield running


@pytest.fixture
def run(migrated: Path, tmp_path: Path, sandbox: Sandbox) -> Run:
    """Run the worker on a new installation; -9 when it was killed."""
    shutil.copytree(migrated, tmp_path / "var")
    base = _env(tmp_path / "var") | {
        "DASHSCOPE_API_KEY": "test",
        "DASHSCOPE_BASE_URL": sandbox.dashscope_url,
        "DASHSCOPE_DELIVERY": "dashscope-upload",
    }

    def worker(*args: str, alias: str = "dashscope", **env: str) -> Any:
        command = [sys.executable, "-m", "tests.faults.worker", *args]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=base | {"ALIAS": alias} | env,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()[-2000:]
        return json.loads(done.stdout) if args[0] == "report" else done.returncode

    return worker


def _env(folder: Path) -> dict[str, str]:
    return os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'test.sqlite3'}",
        "LOG_LEVEL": "ERROR",
    }


def test_it_works(run: Run, sandbox: Sandbox) -> None:
    run("ask")
    assert run("work") == 0
    assert run("report")["jobs"] == [["succeeded", ""]]
    assert sandbox.ledger()["counters"]["billed"] == 1


@pytest.mark.parametrize(
    "moment",
    [
        "before the claim",
        "after the claim",
        "between acceptance and commit",
        "while the provider works",
        "before the download",
        "half-way through a file",
        "between file and row",
        "after the row",
    ],
)
def test_a_killed_worker_costs_nothing_and_loses_nothing(
    run: Run, sandbox: Sandbox, moment: str
) -> None:
    run("ask")
    assert run("work", moment) == -signal.SIGKILL
    assert run("work") == 0
    report = run("report")
    assert report["jobs"] == [["succeeded", ""]]
    assert report["results"] == [True]
    assert (report["cost"], report["differences"]) == ("0.5000", [])
    assert sandbox.ledger()["counters"]["billed"] == 1


def test_without_a_list_to_look_in_a_person_decides(run: Run, sandbox: Sandbox) -> None:
    run("ask")
    run("work", "between acceptance and commit")
    run("work", NO_LIST="1")
    report = run("report")
    assert report["jobs"] == [["needs_attention", "not_reconciled"]]
    assert report["differences"] == []
    assert sandbox.ledger()["counters"]["accepted"] == 1


def test_a_photo_that_kills_the_engine_again_and_again_is_set_aside(run: Run) -> None:
    run("ask", alias="local")
    for _death in range(3):
        assert run("work", "in the engine", alias="local") == -signal.SIGKILL
    assert run("work", alias="local") == 0
    assert run("report")["jobs"] == [["failed", "quarantined"]]
