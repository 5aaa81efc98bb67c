"""Sockets: many at once, kept alive, and gone when it stops; the command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox.calls import accepted, body_of, get, post

ROOT = Path(__file__).parents[2]


def test_it_works() -> None:
    with Sandbox(instant=True) as sandbox:
        assert get(sandbox, "/tasks/x").status_code == 200
    with pytest.raises(requests.ConnectionError):
        get(sandbox, "/tasks/x")


def test_a_connection_stays_open_until_the_sandbox_stops() -> None:
    with Sandbox(instant=True) as sandbox, requests.Session() as session:
        session.headers["Authorization"] = "Bearer k"
        for _ in range(3):
            answer = session.get(f"{sandbox.dashscope_url}/tasks/x", timeout=5)
            assert answer.headers.get("Connection", "keep-alive") == "keep-alive"
        begun = time.monotonic()
        sandbox._server.stop()
        assert time.monotonic() - begun < 1


def test_many_connections_at_once() -> None:
    with Sandbox(instant=True, queries_per_second=0) as sandbox, ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda i: get(sandbox, f"/tasks/{i}").status_code, range(200)))
    assert set(answers) == {200}


def test_a_hanging_answer_does_not_hold_the_stop() -> None:
    sandbox = Sandbox(instant=True).start()
    sandbox.set_faults([{"kind": "hang", "on": "query", "seconds": 30}])
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(get, sandbox, "/tasks/x")
        time.sleep(0.1)
        begun = time.monotonic()
        sandbox.stop()
        assert asked.exception(timeout=3) is not None
    assert time.monotonic() - begun < 2


def test_a_body_that_is_too_large_is_not_read() -> None:
    with Sandbox(instant=True) as sandbox:
        url = f"{sandbox.dashscope_url}/services/vision/image-process/process"
        answer = requests.post(url, headers={"Content-Length": "99999999"}, timeout=5)
    assert answer.status_code == 413


def test_an_exception_is_answered_with_500(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(instant=True) as sandbox:
        monkeypatch.setattr(sandbox.providers["dashscope"], "_api", None)
        assert get(sandbox, "/tasks/x").status_code == 500
    assert "TypeError" in capsys.readouterr().err


def test_two_sandboxes_share_nothing(httpserver: HTTPServer) -> None:
    with Sandbox(instant=True) as one, Sandbox(instant=True) as other:
        accepted(post(one, body_of(httpserver)))
        assert other.ledger()["tasks"] == []


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_the_command_without_django(name: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--instant"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "there.is.none"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        said = ""
        while "DASHSCOPE_API_KEY=sandbox" not in said:
            line = running.stdout.readline()
            assert line, said
            said += line
        base = re.search(r"^DASHSCOPE_BASE_URL=(\S+)$", said, re.MULTILINE)
        assert base is not None
        headers = {"Authorization": "Bearer sandbox"}
        assert requests.get(f"{base[1]}/tasks/x", headers=headers, timeout=5).status_code == 200
        running.send_signal(name)
        assert running.wait(timeout=5) == 0
