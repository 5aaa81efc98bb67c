"""A whole installation: gunicorn, both lanes, a provider's stand-in, a database of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection

from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
PASSWORD = "live-tests"
STARTS_S = 60


@dataclass
class Site:
    port: int
    env: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, verb: str, *args: str) -> str:
        """What `tests.live.rows` does or tells in the site's database."""
        command = [sys.executable, "-m", "tests.live.rows", verb, *args]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return done.stdout.decode()

    def token(self, name: str) -> str:
        """Signed in as an app signs in."""
        body = {"username": name, "password": PASSWORD}
        answer = requests.post(f"{self.url}/_allauth/app/v1/auth/login", json=body, timeout=30)
        return str(answer.json()["meta"]["session_token"])


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty one, of the kind that this run of the tests is for."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('live')}/live.sqlite3"
        return
    import psycopg
    from psycopg import sql

    server = os.environ["DATABASE_URL"]
    name = f"live_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as there:
        there.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield server.rpartition("/")[0] + f"/{name}"
        there.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Sandbox(task_seconds=0.05, instant=True) as sandbox:
        made = Site(_free_port(), _env(database, tmp_path_factory.mktemp("site"), sandbox))
        for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=made.env, check=True
            )
        made.ask("fill", PASSWORD)
        web = [sys.executable, "-m", "gunicorn", "tryon_site.wsgi", "--threads", "16"]
        web += ["--bind", f"127.0.0.1:{made.port}", "--log-level", "warning"]
        work = [sys.executable, "manage.py", "work"]
        with _running(web, made.env), _running(work, made.env):
            _wait_for(lambda: requests.get(f"{made.url}/api/v1/none", timeout=5).ok is not None)
            yield made


class _running:
    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, cwd=ROOT, env=env)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_error: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def _env(database: str, folder: Path, sandbox: Sandbox) -> dict[str, str]:
    limits = dict.fromkeys(("read", "write", "upload", "tryon"), "100000/min")
    return os.environ | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": database,
        "DASHSCOPE_API_KEY": "sandbox",
        "DASHSCOPE_BASE_URL": sandbox.dashscope_url,
        "DASHSCOPE_DELIVERY": "dashscope-upload",
        "SHOPPER_PROVIDER": "dashscope",
        "SHOPPER_DAILY_TRYONS": "1000",
        "SHOPPER_DAILY_BUDGET": "",
        "API_RATES": str(limits).replace("'", '"'),
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait_for(answers: Callable[[], Any]) -> None:
    deadline = time.monotonic() + STARTS_S
    while True:
        try:
            answers()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
