"""Every address and method of the API × every role: who gets which status."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from api.urls import urlpatterns
from tests.api.conftest import HOUSE, client_of, member
from tests.api.role_table import TABLE, Cell, World

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "shopper", "other", *HOUSE)


def addresses() -> Iterator[str]:
    """METHOD and path of everything that the API answers, as its address book has it."""
    for pattern in urlpatterns:
        text = str(pattern.pattern).strip("^$")
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", r"{\1\2}", text)
        for method in getattr(pattern.callback, "actions", None) or {"get": ""}:
            if method != "head":
                yield f"{method.upper()} /{path}"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(TABLE) == sorted(set(addresses()))


CELLS = [(name, n) for name in sorted(TABLE) for n in range(len(TABLE[name]))]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "n"), CELLS)
def test_each_role_gets_what_the_table_says(name: str, n: int, role: str) -> None:
    cell, world = TABLE[name][n], World(member("shopper"))
    answer = _sent(_client(role, world), name, cell, world)
    assert answer.status_code == cell.status[ROLES.index(role)], answer.content[:300]
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"


def _sent(client: APIClient, name: str, cell: Cell, world: World) -> Any:
    method, path = name.split(" ")
    headers = {"Idempotency-Key": f"{world.uuid}"} | cell.headers(world)
    address = "/api/v1" + world.address(path, cell.whose)
    if method == "GET":
        return client.get(address)
    body = cell.body(world)
    kind = {"format": cell.format} if cell.format else {"content_type": "image/jpeg"}
    return getattr(client, method.lower())(address, body, headers=headers, **kind)


def _client(role: str, world: World) -> APIClient:
    if role == "anonymous":
        return APIClient()
    if role == "shopper":
        return client_of(world.shopper)
    return client_of(member(role if role in HOUSE else "shopper", f"{role}-user"))
