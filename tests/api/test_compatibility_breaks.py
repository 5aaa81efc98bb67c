"""What breaks apps is found, and what only adds is let through."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from api.openapi.compatibility import breaks
from api.openapi.document import document

Change = Callable[[dict[str, Any]], object]


def old() -> dict[str, Any]:
    """Orders of hats: what is sent, what is answered, and a hat in both."""
    sent = {"type": "object", "required": ["hat"], "properties": {
        "hat": {"type": "string", "enum": ["top", "straw"]},
        "size": {"type": ["integer", "null"], "minimum": 40, "maximum": 70},
        "note": {"type": "string", "maxLength": 100},
    }}  # fmt: skip
    told = {"type": "object", "required": ["id", "hat"], "properties": {
        "id": {"type": "integer"},
        "hat": {"oneOf": [{"$ref": "#/components/schemas/Hat"}, {"type": "null"}]},
        "made_at": {"type": "string", "format": "date-time"},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
    }}  # fmt: skip
    ref = {"$ref": "#/components/schemas/Order"}
    return {
        "paths": {"/orders": {"post": {
            "operationId": "createOrder",
            "parameters": [
                {"name": "q", "in": "query", "schema": {"type": "string"}},
                {"name": "at", "in": "query", "schema": {"type": "string"}},
            ],
            "requestBody": {"content": {"application/json": {"schema": sent}}},
            "responses": {
                "201": {"content": {"application/json": {"schema": ref}}, "headers": {"ETag": {}}},
                "404": {"$ref": "#/components/responses/Gone"},
            },
        }}},
        "components": {
            "schemas": {"Order": told, "Hat": {"type": "string", "enum": ["top", "straw"]}},
            "responses": {"Gone": {"content": {"application/problem+json": {"schema": {}}}}},
        },
    }  # fmt: skip


def post(new: dict[str, Any]) -> Any:
    return new["paths"]["/orders"]["post"]


def sent(new: dict[str, Any]) -> Any:
    return post(new)["requestBody"]["content"]["application/json"]["schema"]


def told(new: dict[str, Any]) -> Any:
    return new["components"]["schemas"]["Order"]


BREAKS: dict[str, Change] = {
    "is gone": lambda n: n["paths"].clear(),
    "is called": lambda n: post(n).update(operationId="addOrder"),
    "asks for a token": lambda n: None,
    "parameter q (query) is gone": lambda n: post(n)["parameters"].pop(0),
    "parameter day (query) is required": lambda n: post(n)["parameters"].append(
        {"name": "day", "in": "query", "required": True}
    ),
    "parameter q (query) is required": lambda n: post(n)["parameters"][0].update(required=True),
    "q (query) has another format": lambda n: post(n)["parameters"][0]["schema"].update(
        format="date"
    ),
    "a body is required": lambda n: post(n)["requestBody"].update(required=True),
    "takes application/json no more": lambda n: post(n)["requestBody"]["content"].clear(),
    "answers 404 no more": lambda n: post(n)["responses"].pop("404"),
    "201 has no header ETag": lambda n: post(n)["responses"]["201"].pop("headers"),
    "404 is application/problem+json no more": lambda n: n["components"]["responses"][
        "Gone"
    ].clear(),
    "body needs size": lambda n: sent(n)["required"].append("size"),
    "body needs colour": lambda n: sent(n)["required"].append("colour"),
    "body takes note no more": lambda n: sent(n)["properties"].pop("note"),
    "body/hat may be straw no more": lambda n: sent(n)["properties"]["hat"]["enum"].pop(),
    "body/note may be anything no more": lambda n: sent(n)["properties"]["note"].update(enum=["x"]),
    "body/size may be null no more": lambda n: sent(n)["properties"]["size"].update(type="integer"),
    "body/size has narrower": lambda n: sent(n)["properties"]["size"].update(minimum=41),
    "body/note has narrower": lambda n: sent(n)["properties"]["note"].update(maxLength=99),
    "body/note has another pattern": lambda n: sent(n)["properties"]["note"].update(pattern="x"),
    "201 has no id any more": lambda n: told(n)["properties"].pop("id"),
    "201 may lack id": lambda n: told(n)["required"].remove("id"),
    "201/id may be null": lambda n: told(n)["properties"]["id"].update(type=["integer", "null"]),
    "201/id may be string": lambda n: told(n)["properties"]["id"].update(type="string"),
    "201/hat may be any value": lambda n: n["components"]["schemas"]["Hat"].pop("enum"),
    "201/made_at has another format": lambda n: told(n)["properties"]["made_at"].update(
        format="date"
    ),
}
ADDS: dict[str, Change] = {
    "a path": lambda n: n["paths"].update({"/hats": {"get": {}}}),
    "a parameter": lambda n: post(n)["parameters"].append({"name": "new", "in": "query"}),
    "a status": lambda n: post(n)["responses"].update({"409": {}}),
    "a field that may be sent": lambda n: sent(n)["properties"].update(new={"type": "string"}),
    "a value that may be sent": lambda n: sent(n)["properties"]["hat"]["enum"].append("cap"),
    "wider limits": lambda n: sent(n)["properties"]["size"].update(minimum=30, maximum=80),
    "no limit": lambda n: sent(n)["properties"]["note"].pop("maxLength"),
    "a required field less": lambda n: sent(n).pop("required"),
    "a field that is answered": lambda n: told(n)["properties"].update(new={"type": "string"}),
    "a value that is answered": lambda n: n["components"]["schemas"]["Hat"]["enum"].append("cap"),
    "a promise of a field": lambda n: told(n)["required"].append("made_at"),
    "never null": lambda n: told(n)["properties"].update(
        hat={"$ref": "#/components/schemas/Hat"}
    ),
}  # fmt: skip


def test_it_works() -> None:
    assert breaks(old(), old()) == []
    assert breaks(document(), document()) == []


@pytest.mark.parametrize("words", BREAKS)
def test_breaks_are_found(words: str) -> None:
    before, after = old(), old()
    if words == "asks for a token":
        post(before)["security"] = []
    BREAKS[words](after)
    found = breaks(before, after)
    assert found
    assert any(words in each for each in found), found


@pytest.mark.parametrize("what", ADDS)
def test_additions_are_not(what: str) -> None:
    after = copy.deepcopy(old())
    ADDS[what](after)
    assert breaks(old(), after) == []
