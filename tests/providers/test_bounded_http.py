"""One end to a whole exchange, for whoever sends one: a server that drips holds nobody for long."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from pytest_httpserver import HTTPServer

from catalog.photos.fetch import FetchFailed, fetch
from providers.bounded_http import Deadline, bind_deadline
from providers.http_client import NoAnswer, Sessions, exchange
from tests.conftest import Server

TOTAL_S = 0.4
# A socket's own limit starts again with every byte of these.
DRIPS = [
    pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-Filler: drip\r\n", id="headers"),
    pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", b"x", id="a body without an end"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b"x", id="a long body"),
]


@pytest.mark.parametrize(("first", "again"), DRIPS)
def test_a_providers_answer_ends(drip: Server, first: bytes, again: bytes) -> None:
    with pytest.raises(NoAnswer) as lost:
        exchange(Sessions().session, "GET", drip(first, again), timeout_s=TOTAL_S)
    assert lost.value.sent == "maybe"


@pytest.mark.parametrize(("first", "again"), DRIPS)
def test_a_photo_that_is_fetched_ends(drip: Server, first: bytes, again: bytes) -> None:
    url = drip(first, again)
    with pytest.raises(FetchFailed) as failed:
        fetch(url, max_bytes=10**7, total_s=TOTAL_S, trusted=urlsplit(url).netloc)
    assert failed.value.code == "too_slow"


def test_a_kept_connection_ends_with_the_deadline_of_its_next_use(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"x")
    session = bind_deadline(requests.Session())
    with Deadline(5):
        assert session.get(httpserver.url_for("/"), timeout=5).content == b"x"
    with Deadline(5) as until:
        assert session.get(httpserver.url_for("/"), timeout=5).content == b"x"
        assert len(until._sockets) == 1
