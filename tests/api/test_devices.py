"""Where somebody is signed in, and signing a lost phone out from another."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.conftest import client_of, member

DEVICES = "/api/v1/me/devices"
pytestmark = pytest.mark.django_db


def signed_in(name: str = "shopper", agent: str = "phone") -> dict[str, str]:
    """The header of a new token."""
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        {"username": name, "password": "x"},
        content_type="application/json",
        headers={"User-Agent": agent},
    )
    assert answer.status_code == 200, answer.content
    return {"Authorization": f"Bearer {answer.json()['meta']['session_token']}"}


def devices(headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = Client().get(DEVICES, headers=headers)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_it_works(shopper: User) -> None:
    old, new = signed_in(agent="old phone"), signed_in(agent="new phone")
    seen = devices(new)
    assert [(d["user_agent"], d["is_current"]) for d in seen] == [
        ("new phone", True),
        ("old phone", False),
    ]
    assert Client().delete(f"{DEVICES}/{seen[1]['id']}", headers=new).status_code == 204
    assert Client().get("/api/v1/me", headers=old).status_code == 401
    assert Client().get("/api/v1/me", headers=new).status_code == 200


def test_devices_of_others_do_not_exist(shopper: User) -> None:
    mine = devices(signed_in())[0]
    other = client_of(member("shopper", "other"))
    assert other.get(DEVICES).json()["results"] == []
    assert other.delete(f"{DEVICES}/{mine['id']}").status_code == 404


def test_the_own_device_may_be_signed_out(shopper: User) -> None:
    me = signed_in()
    assert Client().delete(f"{DEVICES}/{devices(me)[0]['id']}", headers=me).status_code == 204
    assert Client().get(DEVICES, headers=me).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a" * 10_000, "\x00", "ä", "Bearer"])
def test_hostile_tokens_are_401(db: None, token: str) -> None:
    answer = Client().get(DEVICES, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
