"""What the sandbox takes as a submit: the references to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox.calls import ASYNC, PARSING, SYNTHESIS, accepted, body_of, hosted, post, refused

SYNC_REFUSED = "current user api does not support synchronous calls."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0, instant=True, submits_per_second=0) as running:
        yield running


def changed(body: dict[str, Any], where: str, **changes: Any) -> dict[str, Any]:
    """A body with fields of its input or parameters replaced; None takes a field away."""
    fields = {**body[where], **changes}
    return {**body, where: {key: value for key, value in fields.items() if value is not None}}


@pytest.mark.parametrize("path", [SYNTHESIS, f"{SYNTHESIS}/"])
def test_it_works(sandbox: Sandbox, httpserver: HTTPServer, path: str) -> None:
    response = post(sandbox, body_of(httpserver), path)
    assert accepted(response)
    assert set(response.json()) == {"output", "request_id"}
    assert set(response.json()["output"]) == {"task_status", "task_id"}


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("input", {"top_garment_url": None, "bottom_garment_url": "http://h.example/b.jpg"}),
        ("input", {"bottom_garment_url": ""}),
        ("input", {"bottom_garment_url": "https://h.example/b.jpg"}),
        ("input", {"prompt": "the SDK sends one"}),
        ("parameters", {"resolution": 1024}),
        ("parameters", {"resolution": 1280, "restore_face": False}),
        ("parameters", {"resolution": None, "restore_face": None}),
    ],
)
def test_what_is_documented_is_taken(
    sandbox: Sandbox, httpserver: HTTPServer, where: str, changes: dict[str, Any]
) -> None:
    assert accepted(post(sandbox, changed(body_of(httpserver), where, **changes)))


@pytest.mark.parametrize(
    ("where", "changes", "code"),
    [
        ("input", {"person_image_url": None}, "InvalidParameter"),
        ("input", {"person_image_url": ""}, "InvalidParameter"),
        ("input", {"person_image_url": ["http://h/p.jpg"]}, "InvalidParameter"),
        ("input", {"person_image_url": "/home/me/p.jpg"}, "InvalidURL"),
        ("input", {"person_image_url": "data:image/jpeg;base64,AAAA"}, "InvalidURL"),
        ("input", {"person_image_url": "oss://a/b.jpg"}, "InvalidParameter.DataInspection"),
        ("input", {"top_garment_url": None}, "InvalidGarment"),
        ("input", {"top_garment_url": ""}, "InvalidGarment"),
        ("input", {"top_garment_url": 7}, "InvalidParameter"),
        ("parameters", {"resolution": 768}, "InvalidParameter"),
        ("parameters", {"resolution": "1024"}, "InvalidParameter"),
        ("parameters", {"resolution": 1024.0}, "InvalidParameter"),
        ("parameters", {"resolution": True}, "InvalidParameter"),
        ("parameters", {"restore_face": 1}, "InvalidParameter"),
        ("parameters", {"restore_face": "true"}, "InvalidParameter"),
    ],
)
def test_wrong_fields(
    sandbox: Sandbox, httpserver: HTTPServer, where: str, changes: dict[str, Any], code: str
) -> None:
    response = post(sandbox, changed(body_of(httpserver), where, **changes))
    assert refused(response) == (400, code)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"model": ""}, (400, "BadRequest.EmptyModel")),
        ({"model": "aitryon-pro"}, (404, "ModelNotFound")),
        ({"model": "aitryon-parsing-v1"}, (400, "InvalidParameter")),
        ({"input": {}}, (400, "BadRequest.EmptyInput")),
        ({"input": "x"}, (400, "InvalidParameter")),
        ({"parameters": []}, (400, "InvalidParameter")),
    ],
)
def test_wrong_bodies(
    sandbox: Sandbox, httpserver: HTTPServer, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refused(post(sandbox, body_of(httpserver, **changes))) == expected


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"x"', b"\xff"])
def test_bodies_that_are_no_object(sandbox: Sandbox, data: bytes) -> None:
    headers = {"Authorization": "Bearer k", "Content-Type": "application/json", **ASYNC}
    url = sandbox.dashscope_url + SYNTHESIS
    response = requests.post(url, data=data, headers=headers, timeout=5)
    assert refused(response) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (403, "AccessDenied")),
        ({"X-DashScope-Async": "disable"}, (403, "AccessDenied")),
        ({**ASYNC, "Content-Type": "text/plain"}, (400, "InvalidParameter")),
        ({**ASYNC, "Authorization": ""}, (401, "InvalidApiKey")),
        ({**ASYNC, "Authorization": "Bearer"}, (401, "InvalidApiKey")),
        ({**ASYNC, "Authorization": "sk-test"}, (401, "InvalidApiKey")),
    ],
)
def test_wrong_headers(
    sandbox: Sandbox, httpserver: HTTPServer, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    response = post(sandbox, body_of(httpserver), headers=headers)
    assert refused(response) == expected
    if expected[0] == 403:
        assert response.json()["message"] == SYNC_REFUSED


def test_only_listed_keys(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, api_keys=("sk-mine",)) as sandbox:
        assert accepted(post(sandbox, body_of(httpserver), key="sk-mine"))
        assert refused(post(sandbox, body_of(httpserver), key="sk-other")) == (401, "InvalidApiKey")


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nothing", "GET", 404), (SYNTHESIS, "GET", 404), ("/tasks/x", "POST", 404)],
)
def test_no_such_endpoint(sandbox: Sandbox, path: str, method: str, status: int) -> None:
    headers = {"Authorization": "Bearer k"}
    response = requests.request(method, sandbox.dashscope_url + path, headers=headers, timeout=5)
    assert response.status_code == status


def test_the_version_is_part_of_the_address(sandbox: Sandbox) -> None:
    for path in ("/dashscope/tasks/x", "/dashscope/x/api/v1/tasks/x", "/api/v1/tasks/x"):
        headers = {"Authorization": "Bearer k"}
        assert requests.get(sandbox.url + path, headers=headers, timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("where", "changes", "expected"),
    [
        ("input", {}, None),
        ("input", {"coarse_image_url": None}, (400, "InvalidParameter")),
        ("input", {"top_garment_url": None}, (400, "InvalidParameter")),
        ("parameters", {"gender": None}, (400, "InvalidParameter")),
        ("parameters", {"gender": "female"}, (400, "InvalidParameter")),
        (None, {"parameters": None}, (400, "BadRequest.EmptyParameters")),
    ],
)
def test_refiner(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    where: str | None,
    changes: dict[str, Any],
    expected: tuple[int, str] | None,
) -> None:
    body = body_of(httpserver, model="aitryon-refiner", parameters={"gender": "woman"})
    body["input"]["coarse_image_url"] = hosted(httpserver, "coarse.jpg")
    body = changed(body, where, **changes) if where else body | changes
    response = post(sandbox, body)
    assert (refused(response) if expected else accepted(response) and None) == expected


@pytest.mark.parametrize(
    ("changes", "headers", "expected"),
    [
        ({"parameters": {"clothes_type": ["upper", "dress"]}}, {}, "InvalidParameter.ClothesType"),
        ({"parameters": {"clothes_type": "upper"}}, {}, "InvalidParameter.ClothesType"),
        ({"parameters": {"clothes_type": []}}, {}, "InvalidParameter.ClothesType"),
        ({"parameters": {}}, {}, "InvalidParameter.ClothesType"),
        ({"parameters": None}, {}, "BadRequest.EmptyParameters"),
        ({"model": "aitryon"}, {}, "InvalidParameter"),
        ({"input": {"person_image_url": "http://h/p.jpg"}}, {}, "InvalidParameter"),
        ({}, ASYNC, "AccessDenied"),
    ],
)
def test_wrong_parsing(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    changes: dict[str, Any],
    headers: dict[str, str],
    expected: str,
) -> None:
    body = {
        "model": "aitryon-parsing-v1",
        "input": {"image_url": hosted(httpserver)},
        "parameters": {"clothes_type": ["upper"]},
    }
    response = post(sandbox, body | changes, PARSING, headers=headers)
    assert refused(response) == (403 if expected == "AccessDenied" else 400, expected)


@pytest.mark.parametrize("clothes", [["upper"], ["lower"], ["dress"], ["upper", "lower"]])
def test_parsing(sandbox: Sandbox, httpserver: HTTPServer, clothes: list[str]) -> None:
    body = {
        "model": "aitryon-parsing-v1",
        "input": {"image_url": hosted(httpserver)},
        "parameters": {"clothes_type": clothes},
    }
    answer = post(sandbox, body, PARSING, headers={}).json()
    assert answer["usage"] == {"image_count": 1}
    assert [len(answer["output"][key]) for key in ("parsing_img_url", "crop_img_url", "bbox")] == [
        len(clothes)
    ] * 3
    crop = requests.get(answer["output"]["crop_img_url"][0], timeout=5)
    assert (crop.status_code, crop.headers["Content-Type"]) == (200, "image/jpeg")
    assert len(crop.content) > 5 * 1024
