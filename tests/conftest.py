"""Every test writes its files into a folder of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import translation


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PUBLIC_ROOT = tmp_path / "public"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_figures() -> None:
    """Figures are kept for a minute, and so for the next test."""
    cache.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A request leaves its language to its thread, and so to the next test."""
    translation.deactivate()


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="x")


# On SQLite these wait for the second run; every other skip means that something is missing.
EXPECTED_SKIP = "needs PostgreSQL"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where all tests are required (CI), a skipped one fails the run."""
    if not os.environ.get("REQUIRE_ALL_TESTS") or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = [r for r in reporter.stats.get("skipped", []) if EXPECTED_SKIP not in str(r.longrepr)]
    if skipped:
        reporter.write_line(f"{len(skipped)} tests were skipped, but all are required.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
