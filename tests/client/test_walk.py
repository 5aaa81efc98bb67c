"""A TypeScript client made of docs/openapi.yaml type-checks, and walks a shopper's whole way."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from catalog.models import Collection
from tests.api.conftest import member
from tests.factories import make_gallery, make_garment, make_public
from tests.pictures import photo

HERE = Path(__file__).parent
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("node") and (HERE / "node_modules/.installed").exists()),
        reason="THE CLIENT IS NOT INSTALLED: run deploy/test-packages",
    ),
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file, as in tests/browser."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="module")
def client_made() -> None:
    """Types of the document, then the walk checked against them. Fails with tsc's own words."""
    for script in ("types", "build"):
        done = subprocess.run(
            ["npm", "run", "--silent", script], cwd=HERE, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def shop(transactional_db: None) -> None:
    """A garment that the app shows, and a gallery."""
    spring = Collection.objects.create(name="Spring", in_app=True)
    top = make_garment("top", width=600, height=800)
    top.collections.add(spring)
    make_gallery(make_public())


@pytest.fixture
def walker(live_server: Any, client_made: None, tmp_path: Path) -> Iterator[Any]:
    member("shopper", "ming")
    (tmp_path / "me.jpg").write_bytes(photo(600, 800))
    told = {"SITE": live_server.url, "SHOPPER": "ming", "PASSWORD": "x"}
    process = subprocess.Popen(
        ["node", "made/walk.js"],
        cwd=HERE,
        env=os.environ | told | {"PHOTO": str(tmp_path / "me.jpg")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()


@pytest.mark.usefixtures("shop", "account")
def test_it_works(work: Callable[..., None], walker: Any) -> None:
    work(until=lambda: walker.poll() is not None, turns=2_000)
    assert walker.returncode == 0, walker.stdout.read()
