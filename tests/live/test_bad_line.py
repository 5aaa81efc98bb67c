"""The shopper's whole flow while connections break at random: nothing doubled, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.conftest import Site
from tests.live.line import BadLine
from tests.live.phone import Phone
from tests.live.rows import a_person

FLOWS = 12


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_it_works_on_a_bad_line(site: Site) -> None:
    token = site.token("shopper")
    with BadLine(site.port, seed=4711) as line:
        phone = Phone(line.url, token)
        garments = phone.get("/api/v1/garments")["results"]
        person = _own_person(phone)
        for n in range(FLOWS):
            _one_flow(phone, site, token, person, garments[n % len(garments)])
        assert line.cuts > FLOWS
        assert phone.broken > FLOWS
    told = json.loads(site.ask("jobs", "shopper"))
    assert told["states"] == ["succeeded"] * FLOWS
    assert told["results"] == FLOWS
    assert told["persons"] == 1


def _own_person(phone: Phone) -> int:
    fields = {"name": "Me", "gender": "woman", "consent": "tryon"}
    files = {"photo": ("me.jpg", a_person(), "image/jpeg")}
    made = phone.post("/api/v1/persons", data=fields, files=files)
    assert made.status_code in {200, 201}, made.text
    return int(made.json()["id"])


def _one_flow(phone: Phone, site: Site, token: str, person: int, garment: Any) -> None:
    order = {"person": person, garment["slot"]: garment["id"], "again": True}
    asked = phone.post("/api/v1/jobs", json=order)
    assert asked.status_code == 202, asked.text
    job = asked.json()
    while job["poll_after_ms"] is not None:
        job = phone.get(f"/api/v1/jobs/{job['id']}", wait=10)
    assert job["state"] == "succeeded", job
    result = phone.get(f"/api/v1/results/{job['results'][0]['id']}")
    got = phone.bytes_of(result["image"]["url"])
    assert got == Phone(site.url, token).bytes_of(result["image"]["url"])
    assert got.startswith(b"\xff\xd8")
