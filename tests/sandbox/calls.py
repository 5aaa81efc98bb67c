"""What the sandbox tests call with."""

from __future__ import annotations

import io
import random
import time
from functools import lru_cache
from typing import Any

import requests
from PIL import Image
from pytest_httpserver import HTTPServer

from sandbox import Sandbox

SYNTHESIS = "/services/aigc/image2image/image-synthesis"
PARSING = "/services/vision/image-process/process"
ASYNC = {"X-DashScope-Async": "enable"}


@lru_cache(maxsize=64)
def picture(width: int = 300, height: int = 400, kind: str = "JPEG", seed: int = 0) -> bytes:
    """A photo of noise: never under 5 KB at the sizes that are accepted."""
    noise = random.Random(seed).randbytes(width * height * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), noise).save(out, kind)
    return out.getvalue()


def hosted(server: HTTPServer, name: str = "person.jpg", data: bytes | None = None) -> str:
    """Put an image where the sandbox can fetch it; its address is signed, as ours are."""
    server.expect_request(f"/{name}").respond_with_data(
        picture() if data is None else data, content_type="image/jpeg"
    )
    return server.url_for(f"/{name}?sig=s3cr3t")


def body_of(server: HTTPServer, **changes: Any) -> dict[str, Any]:
    url = hosted(server)
    return {
        "model": "aitryon-plus",
        "input": {"person_image_url": url, "top_garment_url": url},
        "parameters": {"resolution": -1, "restore_face": True},
    } | changes


def post(
    sandbox: Sandbox,
    body: Any,
    path: str = SYNTHESIS,
    key: str = "sk-test",
    headers: dict[str, str] | None = None,
) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}", **(ASYNC if headers is None else headers)}
    return requests.post(sandbox.dashscope_url + path, json=body, headers=headers, timeout=5)


def get(sandbox: Sandbox, path: str, key: str = "sk-test", **params: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    url = sandbox.dashscope_url + path
    return requests.get(url, params=params, headers=headers, timeout=5)


def refused(response: requests.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"code", "message", "request_id"}
    assert response.headers["x-request-id"] == body["request_id"]
    return response.status_code, body["code"]


def accepted(response: requests.Response) -> str:
    body = response.json()
    assert response.status_code == 200, body
    assert body["output"]["task_status"] == "PENDING"
    return str(body["output"]["task_id"])


def finished(sandbox: Sandbox, task_id: str, key: str = "sk-test") -> dict[str, Any]:
    """The answer about a task that has ended; at most 3 seconds are waited for it."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        body: dict[str, Any] = get(sandbox, f"/tasks/{task_id}", key).json()
        if body["output"]["task_status"] not in ("PENDING", "RUNNING"):
            return body
        time.sleep(0.02)
    raise AssertionError(f"still {body}")
