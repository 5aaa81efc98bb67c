"""DashScope's temporary upload: policy, form, oss:// address."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from providers.contract import ImageRef
from providers.dashscope import uploads
from providers.dashscope.adapter import DashScope
from tests.providers.dashscope_calls import KEY, SYNTHESIS, adapter, failure, image, one, tryon
from tests.providers.test_dashscope_wire import ACCEPTED

DIRECTORY = "dashscope-instant/abc/2024-07-18/uuid"
EXPIRED = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message>
<HostId>h</HostId></Error>"""


def policy(server: HTTPServer) -> dict[str, Any]:
    return {
        "request_id": "r",
        "data": {
            "policy": "eyJ",
            "signature": "sig=",
            "upload_dir": DIRECTORY,
            "upload_host": server.url_for("/bucket"),
            "expire_in_seconds": 300,
            "max_file_size_mb": 100,
            "capacity_limit_mb": 999999999,
            "oss_access_key_id": "LTAI1",
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        },
    }


@pytest.fixture
def forms(httpserver: HTTPServer) -> list[tuple[list[tuple[str, str]], bytes, Any]]:
    """A server that accepts everything; the upload forms as they come: fields, file, headers."""
    got: list[tuple[list[tuple[str, str]], bytes, Any]] = []

    def store(request: Request) -> Response:
        raw = request.get_data()
        file = raw.split(b'name="file"')[1].split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
        names = re.findall(rb'form-data; name="([^"]+)"', raw)
        form = request.form
        got.append(([(n.decode(), form.get(n.decode(), "")) for n in names], file, request.headers))
        return Response("")

    httpserver.expect_request("/api/v1/uploads").respond_with_json(policy(httpserver))
    httpserver.expect_request("/bucket").respond_with_handler(store)
    httpserver.expect_request(SYNTHESIS).respond_with_data(ACCEPTED)
    return got


def uploading(server: HTTPServer) -> DashScope:
    return adapter(server.url_for("/"), delivery="dashscope-upload")


def asked(server: HTTPServer) -> list[Request]:
    return [request for request, _ in server.log]


def test_it_works(httpserver: HTTPServer, forms: list[Any]) -> None:
    assert one(uploading(httpserver).submit([tryon()])).state == "pending"
    first, *_, last = asked(httpserver)
    assert dict(first.args) == {"action": "getPolicy", "model": "aitryon-plus"}
    assert first.headers["Authorization"] == f"Bearer {KEY}"
    assert last.headers["X-DashScope-OssResourceResolve"] == "enable"
    (fields, file, headers), _top = forms
    key = dict(fields)["key"]
    assert re.fullmatch(rf"{DIRECTORY}/[0-9a-f]{{32}}\.jpg", key)
    assert last.json["input"]["person_image_url"] == f"oss://{key}"
    assert fields == [
        ("OSSAccessKeyId", "LTAI1"),
        ("Signature", "sig="),
        ("policy", "eyJ"),
        ("x-oss-object-acl", "private"),
        ("x-oss-forbid-overwrite", "true"),
        ("key", key),
        ("success_action_status", "200"),
        ("file", ""),
    ]
    assert file == b"person" * 100
    assert "Authorization" not in headers


def test_public_addresses_are_sent_without_the_resolve_header(
    httpserver: HTTPServer, forms: list[Any]
) -> None:
    one(adapter(httpserver.url_for("/")).submit([tryon()]))
    [request] = asked(httpserver)
    assert "X-DashScope-OssResourceResolve" not in request.headers


def test_an_image_is_uploaded_once_per_model(httpserver: HTTPServer, forms: list[Any]) -> None:
    provider = uploading(httpserver)
    provider.submit([tryon(), tryon()])
    assert len(forms) == 2
    provider.submit([tryon(model="aitryon")])
    assert len(forms) == 4


def test_threads_share_an_upload(httpserver: HTTPServer, forms: list[Any]) -> None:
    provider = uploading(httpserver)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: one(provider.submit([tryon()])), range(8)))
    assert {outcome.state for outcome in outcomes} == {"pending"}
    assert len(forms) == 2


def test_an_old_upload_is_made_again(
    httpserver: HTTPServer, forms: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = uploading(httpserver)
    provider.submit([tryon()])
    later = uploads.time.time() + uploads.FILE_LIFETIME_S + 1
    monkeypatch.setattr(uploads.time, "time", lambda: later)
    provider.submit([tryon()])
    assert len(forms) == 4


@pytest.mark.parametrize(
    ("path", "body", "status", "expected"),
    [
        ("/api/v1/uploads", "<html>", 502, ("http_502", "transient", "no")),
        ("/api/v1/uploads", "<html>", 200, ("upload_policy_unreadable", "transient", "no")),
        ("/api/v1/uploads", '{"code":"InvalidApiKey"}', 401, ("InvalidApiKey", "account", "no")),
        ("/api/v1/uploads", '{"data":{}}', 200, ("upload_policy_unreadable", "transient", "no")),
        ("/bucket", EXPIRED, 403, ("AccessDenied", "transient", "no")),
        ("/bucket", "", 500, ("http_500", "transient", "no")),
    ],
)
def test_a_failed_upload_is_proven_unsent(
    httpserver: HTTPServer, path: str, body: str, status: int, expected: tuple[str, str, str]
) -> None:
    httpserver.expect_oneshot_request(path).respond_with_data(body, status)
    httpserver.expect_request("/api/v1/uploads").respond_with_json(policy(httpserver))
    assert failure(one(uploading(httpserver).submit([tryon()]))) == expected
    assert SYNTHESIS not in [request.path for request in asked(httpserver)]


def test_an_image_that_cannot_be_read_is_proven_unsent(httpserver: HTTPServer) -> None:
    def gone() -> bytes:
        raise KeyError("a storage's own error")

    wanted = tryon(person=ImageRef("x", gone))
    outcome = one(uploading(httpserver).submit([wanted]))
    assert failure(outcome) == ("image_unreadable", "transient", "no")


def test_an_upload_without_a_server_is_proven_unsent(httpserver: HTTPServer) -> None:
    dead = policy(httpserver)
    dead["data"]["upload_host"] = "http://no-such-host.invalid"
    httpserver.expect_request("/api/v1/uploads").respond_with_json(dead)
    outcome = one(uploading(httpserver).submit([tryon(person=image("p"))]))
    assert failure(outcome)[1:] == ("transient", "no")
