"""What the sandbox's Aliyun Market tests call with."""

from __future__ import annotations

import time
import uuid
from typing import Any

import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox.calls import hosted, picture

SUBMIT, QUERY = "/api/v2/tryon/submit", "/api/v2/tryon/query"


def task_of(server: HTTPServer, *fields: str, **changes: Any) -> dict[str, Any]:
    """A sub-task: a person in a worn top, or in what these fields name."""
    url = hosted(server, data=picture(420, 560))
    garments = {field: {"url": url, "type": 1} for field in fields or ("upper_image",)}
    return {"model_image": url, **garments, "inferenceMode": 1, **changes}


def post(
    sandbox: Sandbox, path: str, data: Any, appcode: str = "sandbox", **headers: str
) -> requests.Response:
    """A call with a fresh nonce; `headers` replace ours (an empty one takes it away)."""
    given = {"Authorization": f"APPCODE {appcode}", "X-Ca-Nonce": uuid.uuid4().hex, **headers}
    sent = {name: value for name, value in given.items() if value}
    url = sandbox.aliyun_market_url + path
    return requests.post(url, json={"data": data}, headers=sent, timeout=5)


def submit(sandbox: Sandbox, *tasks: Any, **kwargs: Any) -> requests.Response:
    return post(sandbox, SUBMIT, {"task_list": list(tasks)}, **kwargs)


def query(sandbox: Sandbox, key: str, **kwargs: Any) -> requests.Response:
    return post(sandbox, QUERY, {"result_key": key}, **kwargs)


def accepted(response: requests.Response) -> str:
    body = response.json()
    assert (response.status_code, body["code"], body["success"]) == (200, 0, True), body
    return str(body["data"]["result_key"])


def refused(response: requests.Response) -> tuple[int, str]:
    """The status and code of an error of the product itself."""
    body = response.json()
    assert set(body) == {"code", "message", "requestId", "severity", "success"}
    assert body["success"] is False
    return response.status_code, body["code"]


def stopped(response: requests.Response) -> tuple[int, str, str]:
    """The status, code and message of an error of the gateway."""
    assert response.content == b""
    headers = response.headers
    assert headers["X-Ca-Request-Id"]
    return (
        response.status_code,
        headers.get("X-Ca-Error-Code", ""),
        headers["X-Ca-Error-Message"],
    )


def finished(sandbox: Sandbox, key: str, **kwargs: Any) -> list[dict[str, Any]]:
    """The sub-tasks of a call that has ended; at most 3 seconds are waited for it."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        tasks: list[dict[str, Any]] = query(sandbox, key, **kwargs).json()["data"]["task_list"]
        if all(task["status"] in ("SUCCESS", "FAILED") for task in tasks):
            return tasks
        time.sleep(0.06)  # under the queries that are allowed a second
    raise AssertionError(f"still {tasks}")
