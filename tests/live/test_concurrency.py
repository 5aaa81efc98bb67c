"""Concurrent requests over real sockets to a real site: one idempotency key is one job."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.live.conftest import Site
from tests.live.rows import a_person

AT_ONCE = 50


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_fifty_posts_with_one_key_make_one_job(site: Site) -> None:
    me = {"Authorization": f"Bearer {site.token('other')}"}
    person = requests.post(
        f"{site.url}/api/v1/persons",
        headers=me | {"Idempotency-Key": str(uuid.uuid4())},
        data={"name": "Me", "gender": "woman", "consent": "tryon"},
        files={"photo": ("me.jpg", a_person(), "image/jpeg")},
        timeout=60,
    ).json()["id"]
    garments = requests.get(f"{site.url}/api/v1/garments?slot=top", headers=me, timeout=60)
    order = {"person": person, "top": garments.json()["results"][0]["id"]}
    headers = me | {"Idempotency-Key": str(uuid.uuid4())}

    def post(_n: int) -> Any:
        return requests.post(f"{site.url}/api/v1/jobs", json=order, headers=headers, timeout=60)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(AT_ONCE)))
    assert set(Counter(answer.status_code for answer in answers)) <= {202, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"still-running"}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    again = post(0)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ids == {again.json()["id"]}
    assert len(json.loads(site.ask("jobs", "other"))["states"]) == 1
