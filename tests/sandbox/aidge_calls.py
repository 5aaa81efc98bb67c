"""What the Aidge sandbox tests call with: a client that shares nothing with our adapter, and it."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from typing import Any

import requests
from PIL import Image, ImageDraw
from pytest_httpserver import HTTPServer

from providers.aidge.adapter import Aidge
from providers.contract import ImageRef, Outcome, TryOnRequest
from sandbox import Sandbox
from tests.sandbox.calls import hosted, picture

SUBMIT, QUERY = "/rest/ai/virtual/tryon", "/rest/ai/virtual/tryon-results"


def flat_lay(size: tuple[int, int] = (600, 800), left: int = 120) -> bytes:
    """A dark block on white ground; from `left` 0 on it leaves the picture."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((left, 150, size[0] - 120, size[1] - 150), fill="navy")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def garment(server: HTTPServer, name: str = "garment.jpg", data: bytes | None = None) -> str:
    return hosted(server, name, flat_lay() if data is None else data)


def element(server: HTTPServer, **changes: Any) -> dict[str, Any]:
    """One element of requestParams as the reference describes it; None leaves a field out."""
    fields = {
        "clothesList": [{"imageUrl": garment(server), "type": "tops"}],
        "modelImage": [hosted(server, "person.jpg", picture(600, 800))],
        "viewType": "mixed",
        "generateCount": 2,
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def signed(secret: str = "sandbox", at: float | None = None, **changes: str) -> dict[str, str]:
    timestamp = str(int((time.time() if at is None else at) * 1000))
    digest = hmac.new(secret.encode(), (secret + timestamp).encode(), hashlib.sha256)
    query = {
        "partner_id": "aidge",
        "sign_method": "sha256",
        "sign_ver": "v2",
        "app_key": "512345",
        "timestamp": timestamp,
        "sign": digest.hexdigest().upper(),
    }
    return {name: value for name, value in (query | changes).items() if value}


def send(
    sandbox: Sandbox,
    path: str,
    body: Any,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> requests.Response:
    query = signed() if query is None else query
    url = sandbox.aidge_url + path
    return requests.post(url, params=query, json=body, headers=headers, timeout=5)


def submit(sandbox: Sandbox, *elements: Any, **kwargs: Any) -> requests.Response:
    return send(sandbox, SUBMIT, {"requestParams": json.dumps(elements)}, **kwargs)


def ask(sandbox: Sandbox, task_id: str, **kwargs: Any) -> dict[str, Any]:
    answer: dict[str, Any] = send(sandbox, QUERY, {"task_id": task_id}, **kwargs).json()
    return answer


def accepted(response: requests.Response) -> str:
    body = response.json()
    assert (response.status_code, body["resCode"], body["code"]) == (200, 200, "0"), body
    assert (body["success"], body["resMessage"]) == (True, "success")
    return str(body["data"]["result"]["taskId"])


def refused(response: requests.Response) -> tuple[int | str, str]:
    """The code and message of an error, in either shape."""
    body = response.json()
    if "resCode" not in body:
        assert set(body) == {"type", "code", "message", "request_id"}
        return body["code"], body["message"]
    assert set(body) == {
        "code",
        "resCode",
        "resMessage",
        "success",
        "requestId",
        "request_id",
    }
    assert (body["code"], body["success"]) == ("0", False)
    return body["resCode"], body["resMessage"]


def finished(sandbox: Sandbox, task_id: str, query: dict[str, str] | None = None) -> dict[str, Any]:
    """The answer about a task that has ended; at most 3 seconds are waited for it."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        body = ask(sandbox, task_id, query=query)
        if body["data"]["taskStatus"] not in ("submitted", "running"):
            return body
        time.sleep(0.02)
    raise AssertionError(f"still {body}")


def urls(body: dict[str, Any]) -> list[list[str]]:
    """The addresses of the images of each part."""
    return [
        [image["imageUrl"] for image in part["taskResult"]["result"]["imageList"]]
        if part["taskStatus"] == "finished"
        else []
        for part in body["data"]["taskResult"]
    ]


# --- our adapter


def adapter_for(sandbox: Sandbox, **options: Any) -> Aidge:
    fields = {"app_key": "512345", "app_secret": "sandbox", "base_url": sandbox.aidge_url}
    return Aidge(**(fields | options))


def wanted(server: HTTPServer, **changes: Any) -> TryOnRequest:
    person = ImageRef("p", picture, hosted(server, "person.jpg", picture(600, 800)))
    fields: dict[str, Any] = {"garments": {"top": ImageRef("g", flat_lay, garment(server))}}
    return TryOnRequest("tryon", "aidge-tryon", person, **(fields | changes))


def made(sandbox: Sandbox, request: TryOnRequest) -> Outcome:
    """What our own adapter has of a try-on in the end."""
    adapter = adapter_for(sandbox)
    [outcome] = adapter.submit([request])
    assert outcome.state == "pending", outcome.error
    finished(sandbox, outcome.remote_id)
    [outcome] = adapter.poll([outcome.remote_id])
    return outcome


def kind_and_sent(outcome: Outcome) -> tuple[str, str]:
    return (outcome.error.kind, outcome.error.sent) if outcome.error else (outcome.state, "")
