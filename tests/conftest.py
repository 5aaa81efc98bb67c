"""Every test writes its files into a folder of its own."""

from __future__ import annotations

import contextlib
import gettext
import os
import select
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from catalog.imports import columns
from jobs.dispatch import run_inline, store_results
from jobs.dispatch.dispatcher import Dispatcher
from jobs.dispatch.run_inline import work_on_image
from jobs.models import ProviderAccount, Step, TryOnJob
from providers import registry
from tests.clock import FastClock
from tests.factories import client_of, make_account, make_user
from tests.fake_provider import Fake
from tests.pictures import photo


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PUBLIC_ROOT = tmp_path / "public"
    # Collected files are another test's to collect; without them, clients start sooner, too.
    settings.STATIC_ROOT = None
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_figures() -> None:
    """Figures are kept for a minute, adapters for a process, and so for the next test."""
    cache.clear()
    registry.clear_caches()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A request leaves its language to its thread, and so to the next test."""
    translation.deactivate()


Commits = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Commits:
    """What happens within it is committed at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# First bytes, and those that follow, to an address.
Server = Callable[[bytes, bytes], str]


@pytest.fixture
def drip() -> Iterator[Server]:
    """A server that says the first bytes at once, and then the others for as long as it may."""
    listener, threads = socket.create_server(("127.0.0.1", 0)), list[threading.Thread]()

    def serve(first: bytes, again: bytes) -> None:
        caller, _ = listener.accept()
        with caller, contextlib.suppress(ConnectionError):
            caller.sendall(first)
            # Readable only once the caller has said all and hung up.
            while not (select.select([caller], [], [], 0.02)[0] and not caller.recv(65536)):
                caller.sendall(again)

    def start(first: bytes, again: bytes) -> str:
        threads.append(threading.Thread(target=serve, args=(first, again), daemon=True))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/hook"

    with listener:
        yield start
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password="x")


# The cast: a viewer may look, a reviewer decides on results, an operator runs jobs.


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
    source = Path(django_settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po"
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


# A fake provider behind the real dispatcher, pipeline and storage.


@pytest.fixture
def fake(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    settings.PROVIDERS = {"fake": {"BACKEND": "tests.fake_provider.Fake"}}
    monkeypatch.setattr(
        store_results, "fetch", lambda url, trusted="": photo(width=300, height=400)
    )
    # Commands that work until their job has ended wait no real seconds either.
    monkeypatch.setattr(run_inline, "Clock", FastClock)
    registry.clear_caches()
    yield registry.provider("fake")  # type: ignore[misc]
    registry.clear_caches()


@pytest.fixture
def account(fake: Fake) -> ProviderAccount:
    return make_account("fake")


@pytest.fixture
def clock(fake: Fake) -> FastClock:
    """The dispatcher's, and the provider's behind it."""
    clock = FastClock()
    fake.now = clock.now
    return clock


@pytest.fixture
def work(fake: Fake, clock: FastClock) -> Callable[..., None]:
    """Turn the real loop until every job has ended, or `until` says so."""

    def run(until: Callable[[], bool] | None = None, turns: int = 200) -> None:
        dispatcher = Dispatcher(clock)
        done = until or (lambda: not TryOnJob.objects.unfinished().exists())
        try:
            for _turn in range(turns):
                dispatcher.turn()
                if done():
                    return
                if not work_on_image(clock):
                    dispatcher.rest()
        finally:
            dispatcher.close()
        states = list(Step.objects.values_list("state", "error_code"))
        raise AssertionError(f"not done after {turns} turns: {states}")

    return run


OPENS_DATABASE = {"db", "transactional_db", "live_server", "database"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, the second run, leave out what never opens the database."""
    if not django_settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    kept = [item for item in items if _opens_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if not _opens_database(item)])
    items[:] = kept


def _opens_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & OPENS_DATABASE)


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
