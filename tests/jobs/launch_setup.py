"""Posting the launch page as a browser does: what it shows is sent back, with some changes."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from catalog.models import Garment, Person
from jobs.models import ProviderAccount

LAUNCH = "/launch/"


def order(
    account: ProviderAccount, *garments: Garment, persons: list[Person], **more: Any
) -> dict[str, Any]:
    """What is posted for each person in each garment, with the plain recipe."""
    axes = {
        "persons": ",".join(str(p.pk) for p in persons),
        "outfits": ",".join(str(g.pk) for g in garments),
    }
    recipe = {"recipe": "1", "account": account.pk, "was": account.pk, "restore_face": "on"}
    return axes | recipe | more


def field(answer: Any, name: str) -> str:
    """A field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def show(client: Client, wanted: dict[str, Any]) -> Any:
    return client.post(LAUNCH, wanted)


def launch(client: Client, wanted: dict[str, Any], **changes: Any) -> HttpResponse:
    """Look at the page, then press its button."""
    shown = show(client, wanted)
    carried = {name: field(shown, name) for name in ("token", "agreed", "ticks")}
    pressed = wanted | carried | {"do": "launch"} | changes
    return client.post(LAUNCH, pressed)  # type: ignore[return-value]
