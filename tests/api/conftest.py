"""Clients of the API, signed in as each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from rest_framework.test import APIClient

from tests.factories import make_user
from users.roles import make_roles

HOUSE = ("merchandiser", "reviewer", "publisher", "auditor")


@pytest.fixture(autouse=True)
def _groups(db: None) -> None:
    """A flushed database has lost them."""
    make_roles()


def member(role: str, name: str = "") -> User:
    """A user of this role; "shopper" has no right of the house."""
    user = make_user(name or role)
    user.is_staff = False
    user.save()
    if role in HOUSE:
        user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def as_role() -> Callable[[str], APIClient]:
    return lambda role: client_of(member(role))


@pytest.fixture
def shopper() -> User:
    return member("shopper")


@pytest.fixture
def api(shopper: User) -> APIClient:
    """The shopper's."""
    return client_of(shopper)


@pytest.fixture
def merch() -> APIClient:
    """The merchandiser's."""
    return client_of(member("merchandiser"))


@pytest.fixture
def threads(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., list[Any]]]:
    """Calls a function many times at once; what the calls answered.

    SQLite in memory is of one connection: the database moves into a file for the time.
    """
    with _in_a_file(tmp_path / "threads.sqlite3"):
        yield _at_once


def _at_once(call: Callable[[int], Any], n: int) -> list[Any]:
    start = Barrier(n)

    def one(number: int) -> Any:
        start.wait()
        try:
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(one, range(n)))


@contextmanager
def _in_a_file(path: Path) -> Iterator[None]:
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    # The settings are those of every thread's connection.
    name, kept = connection.settings_dict["NAME"], connection.connection
    connection.settings_dict["NAME"], connection.connection = str(path), None
    yield
    connection.close()
    connection.settings_dict["NAME"], connection.connection = name, kept
