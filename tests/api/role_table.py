"""The statuses that tests/api/test_roles.py expects, and the rows that its requests are about."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.models import Collection, Garment, Upload
from galleries.models import Gallery
from jobs.models import Batch, Result, TryOnJob
from tests.factories import (
    make_account,
    make_batch,
    make_gallery,
    make_garment,
    make_job,
    make_person,
    make_public,
    make_result,
)
from tests.pictures import photo
from webhooks import outbox
from webhooks.models import WebhookEndpoint


class World:
    """Rows of the house and of one shopper, made when a request first asks for them."""

    def __init__(self, shopper: Any) -> None:
        self.shopper, self.uuid = shopper, uuid.uuid4()
        make_account("local")

    def address(self, path: str, whose: str) -> str:
        """With the ids of rows in place of what stands in braces."""
        if "{" not in path:
            return path
        kind = path.split("/")[1]
        row: Any = getattr(self, f"{whose}_{kind}")()
        return re.sub(r"{\w+}", str(row.pk), path)

    def house_garments(self) -> Garment:
        return make_garment("top")

    def shown_garments(self) -> Garment:
        garment = make_garment("top")
        spring, _new = Collection.objects.get_or_create(name="Spring", defaults={"in_app": True})
        garment.collections.add(spring)
        return garment

    def house_collections(self) -> Collection:
        return Collection.objects.create(name="Autumn")

    def house_persons(self) -> Any:
        return make_person()

    def own_persons(self) -> Any:
        return make_person(owner=self.shopper)

    def house_jobs(self) -> TryOnJob:
        return make_job("failed")

    def own_jobs(self) -> TryOnJob:
        return make_job("failed", owner=self.shopper, top=self.shown_garments())

    def house_batches(self) -> Batch:
        return make_batch()

    def own_batches(self) -> Batch:
        return make_batch(owner=self.shopper)

    def house_results(self) -> Result:
        return make_result("pending")

    def approved_results(self) -> Result:
        return make_result("approved")

    def own_results(self) -> Result:
        return make_result(job=self.own_jobs())

    def house_galleries(self) -> Gallery:
        return make_gallery(shown_from=None)

    def shown_galleries(self) -> Gallery:
        return make_gallery(make_public())

    def own_me(self) -> UserSession:
        """A device: the address begins with whose it is."""
        values = {"ip": "127.0.0.1", "user_agent": "phone", "session_key": "k"}
        return UserSession.objects.create(user=self.shopper, **values)

    def house_webhooks(self) -> WebhookEndpoint:
        """Somebody else's: each sees one's own."""
        return WebhookEndpoint.objects.create(owner=self.shopper, url="https://example.com/x")

    def own_webhooks(self) -> WebhookEndpoint:
        """One that has been told of something, in vain."""
        endpoint = self.house_webhooks()
        delivery: Any = outbox.send_test(endpoint)
        type(delivery).objects.filter(pk=delivery.pk).update(state="failed")
        return endpoint

    def own_uploads(self) -> Upload:
        values = {"owner": self.shopper, "content_type": "image/jpeg", "size": 2}
        return Upload.objects.create(**values, expires_at=timezone.now() + timedelta(hours=1))


def nothing(_world: World) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Cell:
    """`status`: anonymous, the shopper, another shopper, and the four roles of the house."""

    status: tuple[int, ...]
    whose: str = "house"
    body: Callable[[World], Any] = nothing
    headers: Callable[[World], dict[str, str]] = field(default=nothing)
    format: str | None = "json"


def cell(status: str, whose: str = "house", **more: Any) -> Cell:
    return Cell(tuple(map(int, status.split())), whose, **more)


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("me.jpg", photo(), "image/jpeg")


def person_form(_world: World) -> dict[str, Any]:
    return {"photo": picture(), "name": "Me", "consent": "tryon"}


def garment_form(_world: World) -> dict[str, Any]:
    return {"photo": picture(), "name": "Tee", "slot": "top"}


def upload(_world: World) -> dict[str, Any]:
    return {"content_type": "image/jpeg", "size": 10}


def own_order(world: World) -> dict[str, Any]:
    return {"person": world.own_persons().pk, "top": world.shown_garments().pk}


def house_order(world: World) -> dict[str, Any]:
    return {"person": world.house_persons().pk, "top": world.house_garments().pk}


def launch(world: World) -> dict[str, Any]:
    outfits = [{"top": world.house_garments().pk}]
    return {"persons": [world.house_persons().pk], "outfits": outfits}


def verdict(_world: World) -> dict[str, Any]:
    return {"verdict": "approved"}


def unseen(_world: World) -> dict[str, str]:
    """A version that is not the row's: whoever may decide gets 412."""
    return {"If-Match": '"0"'}


def hook(_world: World) -> dict[str, Any]:
    return {"url": "https://example.com/hook"}


# Everybody who is signed in; the house; the house, and shoppers their own.
ALL, HOUSE, OWN = (
    "401 200 200 200 200 200 200",
    "401 404 404 200 200 200 200",
    "401 200 404 404 404 404 404",
)
MERCH = "401 403 403 {0} 403 403 403"

TABLE: dict[str, list[Cell]] = {
    "GET /garments": [cell(ALL)],
    "POST /garments": [cell(MERCH.format(201), body=garment_form, format="multipart")],
    "GET /garments/{pk}": [cell(HOUSE), cell(ALL, "shown")],
    "PATCH /garments/{pk}": [cell(MERCH.format(200))],
    "DELETE /garments/{pk}": [cell(MERCH.format(204))],
    "GET /collections": [cell(ALL)],
    "GET /collections/{pk}": [cell(HOUSE)],
    "GET /persons": [cell(ALL)],
    "POST /persons": [
        cell("401 201 201 201 403 403 403", body=person_form, format="multipart"),
    ],
    "GET /persons/{pk}": [cell(HOUSE), cell(OWN, "own")],
    "PATCH /persons/{pk}": [cell("401 404 404 200 403 403 403"), cell(OWN, "own")],
    "DELETE /persons/{pk}": [
        cell("401 404 404 204 403 403 403"),
        cell("401 204 404 404 404 404 404", "own"),
    ],
    "POST /uploads": [cell("401 201 201 201 201 201 201", body=upload)],
    "GET /uploads/{pk}": [cell(OWN, "own")],
    "PUT /uploads/{pk}/content": [
        cell("401 422 404 404 404 404 404", "own", body=lambda _w: b"x", format=None),
    ],
    "GET /jobs": [cell(ALL)],
    "POST /jobs": [
        cell("401 400 400 202 403 403 403", body=house_order),
        cell("401 202 400 400 400 400 400", body=own_order),
    ],
    "GET /jobs/{pk}": [cell(HOUSE), cell(OWN, "own")],
    "POST /jobs/{pk}/cancel": [cell("401 404 404 200 403 403 403"), cell(OWN, "own")],
    "POST /jobs/{pk}/repeat": [
        cell("401 404 404 202 403 403 403"),
        cell("401 202 404 404 404 404 404", "own"),
    ],
    "GET /batches": [cell(ALL)],
    "POST /batches": [cell(MERCH.format(409), body=launch)],
    "POST /batches/estimate": [cell(MERCH.format(200), body=launch)],
    "GET /batches/{pk}": [cell(HOUSE), cell(OWN, "own")],
    "POST /batches/{pk}/pause": [cell(MERCH.format(200)), cell(MERCH.format(404), "own")],
    "POST /batches/{pk}/resume": [cell(MERCH.format(200)), cell(MERCH.format(404), "own")],
    "POST /batches/{pk}/cancel": [cell(MERCH.format(200)), cell(MERCH.format(404), "own")],
    "GET /results": [cell(ALL)],
    "GET /results/{pk}": [cell(HOUSE), cell(OWN, "own")],
    "PUT /results/{pk}/favourite": [
        cell("401 404 404 204 204 204 204"),
        cell("401 204 404 404 404 404 404", "own"),
    ],
    "DELETE /results/{pk}/favourite": [
        cell("401 404 404 204 204 204 204"),
        cell("401 204 404 404 404 404 404", "own"),
    ],
    "POST /results/{pk}/decision": [
        cell("401 403 403 403 412 403 403", body=verdict, headers=unseen),
        cell("401 403 403 403 404 403 403", "own", body=verdict, headers=unseen),
    ],
    "GET /results/{pk}/decisions": [cell("401 403 403 200 200 200 200")],
    "POST /results/{pk}/publish": [
        cell("401 403 403 403 403 200 403", "approved"),
        cell("401 403 403 403 403 404 403", "own"),
    ],
    "POST /results/{pk}/unpublish": [cell("401 403 403 403 403 200 403", "approved")],
    "GET /galleries": [cell(ALL)],
    "GET /galleries/{pk}": [cell(HOUSE), cell(ALL, "shown")],
    "GET /galleries/{pk}/items": [cell(HOUSE), cell(ALL, "shown")],
    "GET /openapi.json": [cell("200 200 200 200 200 200 200")],
    "GET /openapi.yaml": [cell("200 200 200 200 200 200 200")],
    "GET /webhooks": [cell("401 403 403 200 403 403 200")],
    "POST /webhooks": [cell(MERCH.format(201), body=hook)],
    "GET /webhooks/{pk}": [cell("401 403 403 404 403 403 404")],
    "PATCH /webhooks/{pk}": [cell(MERCH.format(404))],
    "DELETE /webhooks/{pk}": [cell(MERCH.format(404))],
    "POST /webhooks/{pk}/rotate": [cell(MERCH.format(404))],
    "POST /webhooks/{pk}/enable": [cell(MERCH.format(404))],
    "POST /webhooks/{pk}/test": [cell(MERCH.format(404))],
    "GET /webhooks/{pk}/deliveries": [cell("401 403 403 404 403 403 404")],
    "POST /webhooks/{pk}/deliveries/{delivery}/redeliver": [cell(MERCH.format(404))],
    "GET /me": [cell(ALL)],
    "DELETE /me": [cell("401 400 400 403 403 403 403")],
    "GET /me/devices": [cell(ALL)],
    "DELETE /me/devices/{pk}": [cell("401 204 404 404 404 404 404", "own")],
    "GET /capabilities": [cell(ALL)],
    "POST /preflight": [
        cell("401 400 400 200 200 200 200", body=house_order),
        cell("401 200 400 400 400 400 400", body=own_order),
    ],
    "POST /preflight/photo": [
        cell(ALL, body=lambda _w: {"photo": picture(), "kind": "person"}, format="multipart"),
    ],
}
