"""Every operation has an example; each is sent, and its answer is what the document says."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from api.openapi import examples
from api.openapi.document import document
from tests.api.conftest import client_of, member
from tests.api.role_table import World, picture
from tests.api.test_document import operations
from tests.factories import jpeg
from webhooks import outbox
from webhooks.models import WebhookEndpoint

pytestmark = pytest.mark.django_db
OPERATIONS = {each["operationId"]: (name, each) for name, each in operations()}
# Run once with it, the answers are written into examples.yaml.
RECORD = bool(os.environ.get("RECORD_EXAMPLES"))
# What examples name by the ids of a fresh database, and whose rows they are.
IDS = {"person": "persons", "persons": "persons", "top": "garments"}


def test_every_operation_has_an_example() -> None:
    assert sorted(examples.known()) == sorted(OPERATIONS)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_example_is_answered_as_it_says(name: str) -> None:
    example = examples.known()[name]
    answer, operation = Sent(name, example).answer, OPERATIONS[name][1]
    assert 200 <= answer.status_code < 300, answer.content
    told = answer.json() if answer.content else None
    _check(operation["responses"][str(answer.status_code)], told)
    if RECORD:
        _record(name, answer.status_code, told)
    else:
        assert example["status"] == answer.status_code
        assert shape(example.get("answer")) == shape(_public(told))


@pytest.mark.parametrize("name", sorted(n for n, e in examples.known().items() if "request" in e))
def test_a_request_is_as_the_document_asks(name: str) -> None:
    example = examples.known()[name]
    media = OPERATIONS[name][1]["requestBody"]["content"][example.get("sent_as", examples.JSON)]
    _valid(media["schema"], example["request"])
    assert media["example"] == example["request"]


class Sent:
    """The example's request, with the ids of rows that are there."""

    def __init__(self, name: str, example: dict[str, Any]) -> None:
        self.name, self.example = name, example
        self.shopper = member("shopper")
        self.world = World(self.shopper)
        role = example.get("as", "shopper")
        self.user = self.shopper if role == "shopper" else member(role)
        self.client = client_of(self.user)
        self.headers = {"Idempotency-Key": f"{self.world.uuid}"}
        self.row = self._row(OPERATIONS[name][0].split("/")[1])

    def _row(self, kind: str) -> Any:
        """What the address names, or the list shows."""
        make = getattr(self.world, f"{self.example.get('rows', 'house')}_{kind}", None)
        row = make() if make else None
        if isinstance(row, WebhookEndpoint):
            # Each has one's own.
            type(row).objects.filter(pk=row.pk).update(owner=self.user)
        return row

    @property
    def answer(self) -> Any:
        method, path = OPERATIONS[self.name][0].split(" ")
        prepare = getattr(self, f"_for_{self.name}", lambda: None)
        body = self._body()
        body = prepare() or body
        address = "/api/v1" + path.format(
            id=getattr(self.row, "pk", ""), delivery=getattr(self, "delivery", "")
        )
        if method == "GET":
            return self.client.get(address, _written(self.example.get("parameters", {})))
        return getattr(self.client, method.lower())(
            address, body, headers=self.headers, **self._kind()
        )

    def _kind(self) -> dict[str, str]:
        kind = self.example.get("sent_as", examples.JSON)
        known = {examples.JSON: "json", "multipart/form-data": "multipart"}
        return {"format": known[kind]} if kind in known else {"content_type": kind}

    def _body(self) -> Any:
        request = self.example.get("request")
        if not isinstance(request, dict):
            return request
        files = {"photo": picture()} if "photo" in request else {}
        return self._real(request) | files

    def _real(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._real(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._real(each, name) for each in value]
        if name not in IDS or isinstance(value, str):
            return value
        own = {"persons": "own", "garments": "shown"} if "as" not in self.example else {}
        return getattr(self.world, f"{own.get(IDS[name], 'house')}_{IDS[name]}")().pk

    # --- What an example can only say when its rows are there ---

    def _for_createBatch(self) -> dict[str, Any]:
        order = self._body() | {"agreement": ""}
        del order["agreement"]
        estimate = self.client.post("/api/v1/batches/estimate", order, format="json")
        return order | {"agreement": estimate.json()["agreement"]}

    def _for_listDeliveries(self) -> None:
        self._for_redeliver()

    def _for_redeliver(self) -> None:
        sent = outbox.send_test(self.row)
        self.delivery = sent and sent.pk

    def _for_decideResult(self) -> None:
        self.headers["If-Match"] = f'"{self.row.etag}"'

    def _for_sendUploadContent(self) -> bytes:
        photo = jpeg()
        type(self.row).objects.filter(pk=self.row.pk).update(size=len(photo))
        return photo


def _written(parameters: dict[str, Any]) -> dict[str, Any]:
    """As an address has them: true, and not Python's True."""
    return {k: str(v).lower() if isinstance(v, bool) else v for k, v in parameters.items()}


def shape(value: Any) -> Any:
    """Names and kinds without values; of a list, what its first is like."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return "number" if isinstance(value, float) else type(value).__name__


def _check(answer: dict[str, Any], told: Any) -> None:
    """Raises ValidationError where the document says otherwise."""
    content = answer.get("content", {}).get(examples.JSON)
    assert (content is None) == (told is None)
    if content:
        _valid(content["schema"], told)


def _valid(schema: dict[str, Any], value: Any) -> None:
    rule = schema | {"components": document()["components"]}
    Draft202012Validator(rule, format_checker=FormatChecker()).validate(value)


SECRETS = re.compile(r"(/private/)\d+/[^/]+|(whsec_).+")


def _public(value: Any) -> Any:
    """Without the test's host and signatures."""
    if isinstance(value, dict):
        return {name: _public(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_public(each) for each in value]
    if not isinstance(value, str):
        return value
    return SECRETS.sub(r"\1\2…", value.replace("http://testserver", "https://toile.example"))


def _record(name: str, status: int, told: Any) -> None:
    """What differs in values alone stays, so that nobody has to read moments in a change."""
    kept = yaml.safe_load(examples.FILE.read_text(encoding="utf-8"))
    if kept[name].get("status") == status and shape(kept[name].get("answer")) == shape(told):
        return
    kept[name] |= {"status": status} | ({} if told is None else {"answer": _public(told)})
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)
    examples.FILE.write_text(text, encoding="utf-8")


def test_examples_do_not_tell_of_a_test() -> None:
    assert "testserver" not in examples.FILE.read_text(encoding="utf-8")
