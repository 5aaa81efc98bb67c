"""The cast: a viewer may look, a reviewer decides on results, an operator runs jobs."""

from __future__ import annotations

import gettext
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils.translation import trans_real

from catalog.imports import columns
from tests.builders import make_account, make_user


@pytest.fixture(autouse=True)
def _account(db: None) -> None:
    make_account()


def client_of(user: User, *codenames: str) -> Client:
    rights = Permission.objects.filter(codename__in=codenames, content_type__app_label="jobs")
    user.user_permissions.set(rights)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    return client_of(make_user("viewer"))


@pytest.fixture
def reviewer(db: None) -> Client:
    return client_of(make_user("reviewer"), "change_result")


@pytest.fixture
def operator(db: None) -> Client:
    return client_of(make_user("operator"), "change_tryonjob")


@pytest.fixture
def mia(db: None) -> Client:
    """A merchandiser."""
    presets = ("add_preset", "change_preset", "delete_preset")
    return client_of(make_user("mia"), "add_batch", *presets)


@pytest.fixture(scope="session")
def compiled_messages() -> None:
    """Chinese pages need the compiled catalogue, which is not in the repository."""
    source = Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po"
    target = source.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        part = target.with_suffix(f".{os.getpid()}")
        subprocess.run(["msgfmt", "-o", str(part), str(source)], check=True)
        part.replace(target)
        _forget_catalogues()


def _forget_catalogues() -> None:
    """Tests before this one may have read headings in Chinese, by the catalogue as it was."""
    gettext._translations.clear()  # type: ignore[attr-defined]
    trans_real._translations.clear()  # type: ignore[attr-defined]
    columns._spellings.cache_clear()
