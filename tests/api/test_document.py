"""The OpenAPI document: complete, valid, kept, and served to everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from drf_spectacular.validation import validate_schema

from api.management.commands import openapi
from api.management.commands.openapi import KEPT, promises, text
from api.openapi.document import document
from api.urls import urlpatterns

DOCUMENT = "/api/v1/openapi"


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """All of our own; allauth's, which are in the document as well, are its business."""
    for path, methods in document()["paths"].items():
        for method in methods if not path.startswith("/_allauth") else ():
            yield f"{method.upper()} {path}", methods[method]


@pytest.mark.django_db
def test_it_works(client: Client) -> None:
    answer = client.get(f"{DOCUMENT}.json")
    assert answer.status_code == 200
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    assert told["servers"] == [{"url": "/api/v1"}]
    assert "ETag" in answer
    assert yaml.safe_load(client.get(f"{DOCUMENT}.yaml").content) == told


def test_the_kept_document_is_what_the_code_makes() -> None:
    assert KEPT.read_bytes() == text(document()), "The API has changed: run `make openapi`."


def test_it_is_valid_and_made_without_a_warning() -> None:
    validate_schema(document())
    call_command("spectacular", "--fail-on-warn", "--file", "/dev/null")


def test_every_address_is_in_it() -> None:
    there = {re.sub(r"{\w+}", "{}", name) for name, _operation in operations()}
    assert there == set(served())


def served() -> Iterator[str]:
    for pattern in urlpatterns:
        path = re.sub(r"\(\?P<\w+>.*?\)|<[\w:]+>", "{}", str(pattern.pattern)).strip("^$")
        methods = {} if path.startswith("openapi") else pattern.callback.actions
        yield from (f"{method.upper()} /{path}" for method in methods if method != "head")


def test_names_are_short_and_each_is_used_once() -> None:
    names = [operation["operationId"] for _name, operation in operations()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z][A-Za-z]{4,24}", name)] == []


@pytest.mark.parametrize(("name", "operation"), list(operations()))
def test_problems_are_documented_where_they_happen(name: str, operation: dict[str, Any]) -> None:
    told = set(operation["responses"])
    assert "429" in told
    assert ("401" in told) == (operation.get("security") != [])
    assert "404" in told or "{" not in name
    assert {"400", "413", "415"} <= told or "requestBody" not in operation
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    assert {"400", "409", "422"} <= told or "Idempotency-Key" not in names
    assert {"412", "428"} <= told or "If-Match" not in names


def test_what_makes_something_needs_a_key() -> None:
    for name in ("POST /jobs", "POST /jobs/{id}/repeat", "POST /persons", "POST /uploads"):
        parameters = dict(operations())[name]["parameters"]
        [key] = [each for each in parameters if each["name"] == "Idempotency-Key"]
        assert key["required"]


@pytest.fixture
def kept(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(openapi, "KEPT", tmp_path / "openapi.yaml")
    monkeypatch.setattr(openapi, "RELEASED", tmp_path / "released.yaml")
    return tmp_path


def test_a_break_of_what_is_released_is_refused(kept: Any) -> None:
    call_command("openapi", "--release")
    promised = promises(document())
    promised["paths"]["/hats"] = {"get": {"operationId": "listHats", "responses": {}}}
    (kept / "released.yaml").write_bytes(text(promised))
    (kept / "openapi.yaml").unlink()
    with pytest.raises(CommandError, match="GET /hats: is gone"):
        call_command("openapi")
    assert not (kept / "openapi.yaml").exists()
    call_command("openapi", "--break")
    call_command("openapi")


@pytest.mark.django_db
def test_the_pages_of_the_document_have_no_inline_code(client: Client) -> None:
    answer = client.get("/api/docs")
    page = answer.content.decode()
    assert f'data-document="{DOCUMENT}.json"' in page
    assert "<style" not in page
    assert re.findall(r"<script[^>]*>[^<]", page) == []
    assert "unsafe" not in answer["Content-Security-Policy"]
