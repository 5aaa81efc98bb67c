from __future__ import annotations

import threading

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from catalog.photos import fetch as public
from jobs.dispatch import download
from jobs.dispatch.download import DownloadFailed, fetch
from providers.http_client import prefer_https


@pytest.fixture
def host(httpserver: HTTPServer) -> str:
    return f"{httpserver.host}:{httpserver.port}"


def test_it_works(httpserver: HTTPServer, host: str) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data(b"image")
    assert fetch(httpserver.url_for("/a.jpg"), trusted=host) == b"image"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://100.100.100.200/latest/meta-data",
        "http://[::1]/a.jpg",
        "http://10.0.0.1/a.jpg",
    ],
)
def test_a_private_address_is_refused(url: str) -> None:
    with pytest.raises(DownloadFailed):
        fetch(url)


def test_nor_is_one_reached_by_a_redirect(httpserver: HTTPServer, host: str) -> None:
    httpserver.expect_request("/inside").respond_with_data(b"secret")
    away = {"Location": httpserver.url_for("/inside").replace("localhost", "127.0.0.1")}
    httpserver.expect_request("/a.jpg").respond_with_data(status=302, headers=away)
    with pytest.raises(DownloadFailed):
        fetch(httpserver.url_for("/a.jpg"), trusted=host)
    assert [request.path for request, _ in httpserver.log] == ["/a.jpg"]


def test_redirects_end(httpserver: HTTPServer, host: str) -> None:
    again = {"Location": "/a.jpg"}
    httpserver.expect_request("/a.jpg").respond_with_data(status=302, headers=again)
    with pytest.raises(DownloadFailed, match="too often"):
        fetch(httpserver.url_for("/a.jpg"), trusted=host)
    assert len(httpserver.log) == public.MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/a", "data:,x", "nonsense"]
)
def test_only_http_is_fetched(url: str) -> None:
    with pytest.raises(DownloadFailed):
        fetch(url)


@pytest.mark.parametrize(("status", "gone"), [(403, True), (404, True), (410, True), (500, False)])
def test_what_is_gone_differs_from_what_may_pass(
    httpserver: HTTPServer, host: str, status: int, gone: bool
) -> None:
    httpserver.expect_request("/a.jpg").respond_with_data(status=status)
    with pytest.raises(DownloadFailed) as failed:
        fetch(httpserver.url_for("/a.jpg"), trusted=host)
    assert failed.value.gone is gone


def test_a_flood_is_cut_off(
    httpserver: HTTPServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 100_000)
    sent = []

    def flood(request: Request) -> Response:
        def chunks():
            for _ in range(1000):
                sent.append(1)
                yield b"x" * 65536

        return Response(chunks())

    httpserver.expect_request("/a.jpg").respond_with_handler(flood)
    with pytest.raises(DownloadFailed, match="larger"):
        fetch(httpserver.url_for("/a.jpg"), trusted=host)
    assert len(sent) < 1000


def test_a_slow_drip_ends(
    httpserver: HTTPServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TOTAL_S", -1)
    httpserver.expect_request("/a.jpg").respond_with_data(b"image")
    with pytest.raises(DownloadFailed, match="longer"):
        fetch(httpserver.url_for("/a.jpg"), trusted=host)


def test_plain_http_of_aliyun_is_upgraded() -> None:
    url = "http://dashscope-result-hz.oss-cn-hangzhou.aliyuncs.com/a.jpg?Expires=1"
    assert prefer_https(url).startswith("https://dashscope-result-hz.")
    assert prefer_https("http://evil-aliyuncs.com/a.jpg").startswith("http://")


@pytest.mark.parametrize("host", ["[::127.0.0.1]", "[::7f00:1]", "[fec0::1]", "[::ffff:10.0.0.1]"])
def test_addresses_that_hold_private_ones_are_refused(host: str) -> None:
    with pytest.raises(DownloadFailed, match="InvalidIPAddress"):
        fetch(f"http://{host}/a.jpg")


def test_a_drip_that_never_pauses_for_long_ends(
    httpserver: HTTPServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TOTAL_S", 0.2)
    over = threading.Event()

    def drip(request: Request) -> Response:
        return Response(b"x" for _ in range(100) if not over.wait(0.05))

    httpserver.expect_request("/a.jpg").respond_with_handler(drip)
    with pytest.raises(DownloadFailed, match="longer"):
        fetch(httpserver.url_for("/a.jpg"), trusted=host)
    over.set()


def test_a_flood_that_is_announced_is_not_begun(
    httpserver: HTTPServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 4)
    read = "urllib3.response.HTTPResponse.read1"
    monkeypatch.setattr(read, lambda *_args, **_kwargs: pytest.fail("it was read"))
    httpserver.expect_request("/a.jpg").respond_with_data(b"image")
    with pytest.raises(DownloadFailed, match="larger"):
        fetch(httpserver.url_for("/a.jpg"), trusted=host)
