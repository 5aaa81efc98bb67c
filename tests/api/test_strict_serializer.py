"""Values of JSON are taken in exactly the type that the document names, and parameters once."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from api.framework.serializers import StrictSerializer
from tests.factories import make_gallery, make_garment, make_person, make_public

pytestmark = pytest.mark.django_db


class Order(StrictSerializer):
    name = serializers.CharField(required=False, allow_null=True)
    fast = serializers.BooleanField(required=False)
    count = serializers.IntegerField(required=False)
    price = serializers.DecimalField(6, 2, required=False, allow_null=True)
    sizes = serializers.ListField(child=serializers.IntegerField(), required=False)


def test_it_works() -> None:
    sent = {"name": "a", "fast": True, "count": 5.0, "price": "1.50", "sizes": [1, 2]}
    assert Order(data=sent).is_valid()
    assert Order(data={"name": None}).is_valid()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("name", 0), ("name", True), ("fast", "true"), ("fast", 1), ("fast", 0)),
        *(
            ("count", "5"),
            ("count", True),
            ("count", 1.5),
            ("price", 1.5),
            ("price", ""),
            ("sizes", [1, "2"]),
        ),
    ],
)
def test_another_type_is_refused(name: str, value: Any) -> None:
    order = Order(data={name: value})
    assert not order.is_valid()
    assert list(order.errors) == [name]


@pytest.mark.parametrize("change", [{"season": 0}, {"name": 1}, {"sku": False}])
def test_a_number_is_no_text(merch: APIClient, change: dict[str, Any]) -> None:
    garment = make_garment(season="SS27")
    answer = merch.patch(f"/api/v1/garments/{garment.pk}", change)
    assert answer.status_code == 400
    assert [e["pointer"] for e in answer.json()["errors"]] == [f"/{name}" for name in change]


@pytest.mark.parametrize("height", [0, 29, 301, 10**12])
def test_nobody_is_so_tall(merch: APIClient, height: int) -> None:
    answer = merch.patch(f"/api/v1/persons/{make_person().pk}", {"height_cm": height})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/height_cm"


def test_a_text_is_no_id(merch: APIClient) -> None:
    order = {"person": str(make_person().pk), "top": make_garment().pk}
    answer = merch.post("/api/v1/preflight", order)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/person"


@pytest.mark.parametrize(
    "query",
    [
        *(
            "garments?slot=top&slot=dress",
            "garments?page_size=5&page_size=6",
            "results?job=1&job=2",
        ),
        *("results?published=null", "results?favourite=1", "results?favourite=True"),
    ],
)
def test_parameters_are_sent_once_and_exactly(merch: APIClient, query: str) -> None:
    answer = merch.get(f"/api/v1/{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["pointer"] == "?" + query.partition("?")[2].partition("=")[0]


def test_several_states_are_possible(merch: APIClient) -> None:
    assert merch.get("/api/v1/jobs?state=queued&state=running").status_code == 200


@pytest.mark.parametrize("address", ["galleries/{}/items", "collections"])
def test_what_leaves_no_tombstones_does_not_sync(merch: APIClient, address: str) -> None:
    shown = make_gallery(make_public())
    path = address.format(shown.pk)
    answer = merch.get(f"/api/v1/{path}", {"updated_since": "2026-11-26T00:00:00Z"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "?updated_since"


@pytest.mark.parametrize("address", ["/api/v1/jobs", "/_allauth/app/v1/auth/login"])
def test_an_unknown_method_is_refused_before_authentication(address: str) -> None:
    answer = APIClient().generic("TRACE", address)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]


def test_signing_in_with_nonsense_is_answered_in_json() -> None:
    answer = APIClient().post("/_allauth/app/v1/auth/login", [None, None])
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/json"
