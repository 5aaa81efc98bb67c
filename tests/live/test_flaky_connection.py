"""The shopper's whole flow while connections break at random: nothing doubled, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.app_client import AppClient
from tests.live.conftest import Site
from tests.live.flaky_proxy import FlakyProxy
from tests.live.rows import a_person

FLOWS = 12


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_it_works_on_a_bad_line(site: Site) -> None:
    token = site.token("shopper")
    with FlakyProxy(site.port, seed=4711) as proxy:
        client = AppClient(proxy.url, token)
        garments = client.get("/api/v1/garments")["results"]
        person = _create_person(client)
        for n in range(FLOWS):
            _one_flow(client, site, token, person, garments[n % len(garments)])
        assert proxy.cuts > FLOWS
        assert client.broken > FLOWS
    summary = json.loads(site.ask("jobs", "shopper"))
    assert summary["states"] == ["succeeded"] * FLOWS
    assert summary["results"] == FLOWS
    assert summary["persons"] == 1


def _create_person(client: AppClient) -> int:
    fields = {"name": "Me", "gender": "woman", "consent": "tryon"}
    files = {"photo": ("me.jpg", a_person(), "image/jpeg")}
    made = client.post("/api/v1/persons", data=fields, files=files)
    assert made.status_code in {200, 201}, made.text
    return int(made.json()["id"])


def _one_flow(client: AppClient, site: Site, token: str, person: int, garment: Any) -> None:
    order = {"person": person, garment["slot"]: garment["id"], "again": True}
    asked = client.post("/api/v1/jobs", json=order)
    assert asked.status_code == 202, asked.text
    job = asked.json()
    while job["poll_after_ms"] is not None:
        job = client.get(f"/api/v1/jobs/{job['id']}", wait=10)
    assert job["state"] == "succeeded", job
    result = client.get(f"/api/v1/results/{job['results'][0]['id']}")
    got = client.bytes_of(result["image"]["url"])
    assert got == AppClient(site.url, token).bytes_of(result["image"]["url"])
    assert got.startswith(b"\xff\xd8")
