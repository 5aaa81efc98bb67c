"""What the sandbox fetches, and what of it it refuses."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from sandbox import Sandbox, input_images
from tests.sandbox.calls import accepted, body_of, finished, picture, post, refused


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=0, instant=True, submits_per_second=0, queries_per_second=0, fetch_seconds=0.3
    ) as running:
        yield running


def outcome(sandbox: Sandbox, server: HTTPServer, url: str) -> str:
    """The code of a try-on of this garment, or its success."""
    body = body_of(server)
    body["input"]["top_garment_url"] = url
    output = finished(sandbox, accepted(post(sandbox, body)))["output"]
    return str(output.get("code", output["task_status"]))


def judged(sandbox: Sandbox, server: HTTPServer, data: bytes, kind: str = "image/jpeg") -> str:
    server.expect_request("/garment").respond_with_data(data, content_type=kind)
    return outcome(sandbox, server, server.url_for("/garment"))


def test_it_works(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    assert judged(sandbox, httpserver, picture()) == "SUCCEEDED"


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((151, 151), "SUCCEEDED"),
        ((150, 300), "InvalidInputLength"),
        ((4095, 160), "SUCCEEDED"),
        ((4096, 160), "InvalidInputLength"),
    ],
)
def test_sides(sandbox: Sandbox, httpserver: HTTPServer, size: tuple[int, int], code: str) -> None:
    assert judged(sandbox, httpserver, picture(*size)) == code


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (5 * 1024 * 1024, "SUCCEEDED"),
        (5 * 1024 * 1024 + 1, "InvalidInputLength"),
    ],
)
def test_large_files(sandbox: Sandbox, httpserver: HTTPServer, length: int, code: str) -> None:
    data = picture()
    assert judged(sandbox, httpserver, data + bytes(length - len(data))) == code


def test_small_files(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    assert judged(sandbox, httpserver, picture(160, 160)[:5119]) == "InvalidInputLength"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("PNG", "SUCCEEDED"), ("BMP", "SUCCEEDED"), ("WEBP", "SUCCEEDED"), ("GIF", "InvalidURL")],
)
def test_formats(sandbox: Sandbox, httpserver: HTTPServer, kind: str, code: str) -> None:
    assert judged(sandbox, httpserver, picture(kind=kind)) == code


def test_what_is_no_image(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    noise = random.Random(1).randbytes(9000)
    assert judged(sandbox, httpserver, noise) == "InvalidURL"


def test_a_content_type_that_is_no_image(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    code = judged(sandbox, httpserver, picture(), "application/octet-stream")
    assert code == "InvalidParameter.DataInspection"


def test_a_missing_image(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    assert outcome(sandbox, httpserver, httpserver.url_for("/gone.jpg")) == "InvalidURL"
    assert outcome(sandbox, httpserver, "http://no-such-host.invalid/1.jpg") == "InvalidURL"


def test_an_image_without_a_length(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    def streamed(_: object) -> Response:
        return Response(iter([picture()]), content_type="image/jpeg")

    httpserver.expect_request("/garment").respond_with_handler(streamed)
    url = httpserver.url_for("/garment")
    assert outcome(sandbox, httpserver, url) == "InternalError.Algo"


def test_an_image_that_does_not_come_in_time(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    # A sandbox that hangs is at hand for an image host that does.
    with Sandbox(instant=True) as slow:
        slow.set_faults([{"kind": "hang", "on": "result", "seconds": 5}])
        url = f"{slow.url}/dashscope/results/x.jpg"
        assert outcome(sandbox, httpserver, url) == "InvalidParameter"


def test_bad_images_can_be_refused_at_submit(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, image_errors="submit") as sandbox:
        assert accepted(post(sandbox, body_of(httpserver)))
        body = body_of(httpserver)
        body["input"]["top_garment_url"] = httpserver.url_for("/gone.jpg")
        assert refused(post(sandbox, body)) == (400, "InvalidURL")
        assert sandbox.ledger()["counters"]["accepted"] == 1


def test_private_addresses_are_refused_where_wanted(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent to one, also not after a redirect from a public one."""
    known = {"localhost": "93.184.216.34", "127.0.0.1": "127.0.0.1", "both": "::1"}
    found = SimpleNamespace(
        SOCK_STREAM=1, getaddrinfo=lambda host, *_, **__: [(0, 0, 0, "", (known[host], 0))]
    )
    monkeypatch.setattr(input_images, "socket", found)
    fetcher = input_images.Fetcher(1, refuse_private=True)
    httpserver.expect_request("/a").respond_with_data(picture(), content_type="image/jpeg")
    inside = httpserver.url_for("/a").replace("localhost", "127.0.0.1")
    httpserver.expect_request("/away").respond_with_data(status=302, headers={"Location": inside})
    assert fetcher.fetch(httpserver.url_for("/a")).size == (300, 400)
    for url in (inside, httpserver.url_for("/away"), "http://both/a"):
        with pytest.raises(input_images.Refused, match="InvalidURL"):
            fetcher.fetch(url)
    assert [request.path for request, _ in httpserver.log] == ["/a", "/away"]
