"""What the document says of signing in is what allauth's addresses answer."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.urls import resolve

from api.openapi.allauth_schema import OPERATIONS, PREFIX, ROOT, TAG, _refs, add_auth
from tests.factories import make_user


@pytest.fixture
def document() -> dict[str, Any]:
    ours = {"openapi": "3.1.0", "paths": {"/api/v1/me": {}}, "components": {"schemas": {"User": 1}}}
    return add_auth(ours, None, None, True)


def test_it_works(document: dict[str, Any]) -> None:
    assert document["paths"]["/_allauth/app/v1/auth/login"]["post"]["tags"] == [TAG]
    assert document["paths"]["/api/v1/me"] == {}
    assert document["components"]["schemas"]["User"] == 1
    assert {"AuthUser", "AuthSignup"} <= document["components"]["schemas"].keys()


def test_each_address_is_one_of_allauths(document: dict[str, Any]) -> None:
    for path in OPERATIONS:
        assert resolve(ROOT + path)


def test_each_reference_leads_to_a_component(document: dict[str, Any]) -> None:
    paths = {path: each for path, each in document["paths"].items() if path.startswith(ROOT)}
    parts = {
        kind: {name: part for name, part in found.items() if name.startswith(PREFIX)}
        for kind, found in document["components"].items()
    }
    for kind, name in _refs([paths, parts]):
        assert PREFIX + name in document["components"][kind]
    assert "nullable" not in str(document)


def test_each_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [name for methods in OPERATIONS.values() for name in methods.values()]
    assert len(names) == len(set(names))


def valid(document: dict[str, Any], path: str, method: str, response: Any) -> None:
    """Check an answer against the schema that the document has for it."""
    said = document["paths"][ROOT + path][method]["responses"][str(response.status_code)]
    if "$ref" in said:
        said = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
    schema = said["content"]["application/json"]["schema"]
    whole = schema | {"components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(response.json())


@pytest.mark.django_db
def test_answers_are_as_described(document: dict[str, Any]) -> None:
    make_user("mei")
    client, json = Client(), "application/json"
    wrong = client.post(f"{ROOT}auth/login", {"username": "mei", "password": "no"}, json)
    valid(document, "auth/login", "post", wrong)
    right = client.post(f"{ROOT}auth/login", {"username": "mei", "password": "x"}, json)
    valid(document, "auth/login", "post", right)
    headers = {"X-Session-Token": right.json()["meta"]["session_token"]}
    for path in ("config", "auth/session", "auth/sessions", "account/authenticators"):
        valid(document, path, "get", client.get(ROOT + path, headers=headers))
    valid(
        document,
        "account/authenticators/totp",
        "get",
        client.get(f"{ROOT}account/authenticators/totp", headers=headers),
    )
    valid(document, "auth/session", "get", client.get(f"{ROOT}auth/session"))
