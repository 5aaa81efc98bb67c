"""Uploads: one file a request from the page's script, or several from the plain form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import badges
from catalog.library.admin_log import ADDITION, record
from catalog.models import Asset, Garment, Person
from catalog.photos.upload import Outcome, take

# Photos are decoded while the plain form waits; more would outlast the server's patience.
MOST_AT_ONCE = 20


@login_required
@permission_required("catalog.add_garment", raise_exception=True)
def add_garments(request: HttpRequest) -> HttpResponse:
    return _add(request, Garment)


@login_required
@permission_required("catalog.add_person", raise_exception=True)
def add_persons(request: HttpRequest) -> HttpResponse:
    return _add(request, Person)


def _add(request: HttpRequest, model: type[Asset]) -> HttpResponse:
    """Answers JSON where that is asked for, else goes back to the library with messages."""
    library = f"{model._meta.model_name}s"
    if request.method != "POST":
        return redirect(library)
    files = request.FILES.getlist("photos")
    slot = request.POST.get("slot", "")
    if model is Garment and slot and slot not in Garment.Slot.values:
        return HttpResponseBadRequest(_("This slot is not known."))
    consent = request.POST.get("consent", "")
    if consent and consent not in Person.Consent.values:
        return HttpResponseBadRequest(_("This consent is not known."))
    anyway = bool(request.POST.get("anyway"))
    outcomes = [
        take(model, file, request.user, slot=slot, consent=consent, anyway=anyway)
        for file in files[:MOST_AT_ONCE]
    ]
    added = [outcome.asset for outcome in outcomes if outcome.asset and outcome.kind == "added"]
    record(request.user, added, ADDITION, [{"added": {}}])
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"files": [_payload(outcome) for outcome in outcomes]})
    _add_messages(request, outcomes, len(files) - len(outcomes))
    return redirect(library)


def _payload(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "outcome": outcome.kind,
        "message": outcome.message,
        "asset": outcome.asset and _asset_payload(outcome.asset),
        "alike": [_asset_payload(asset) for asset in outcome.alike],
    }


def _asset_payload(asset: Asset) -> dict[str, Any]:
    mark = badges.of_worst(asset)
    return {
        "name": asset.name,
        "url": asset.get_absolute_url(),
        "thumb": asset.thumb.url,
        "about": asset.get_slot_display() if isinstance(asset, Garment) else "",
        "finding": mark.word if mark else "",
    }


def _add_messages(request: HttpRequest, outcomes: list[Outcome], left: int) -> None:
    added = sum(outcome.kind == "added" for outcome in outcomes)
    if added:
        text = ngettext("%(n)d photo added.", "%(n)d photos added.", added) % {"n": added}
        messages.success(request, text)
    for outcome in outcomes:
        _add_message(request, outcome)
    if left:
        text = ngettext(
            "%(n)d more file was left out: add at most %(most)d at once.",
            "%(n)d more files were left out: add at most %(most)d at once.",
            left,
        )
        messages.warning(request, text % {"n": left, "most": MOST_AT_ONCE})
    if not outcomes:
        messages.warning(request, _("Choose at least one photo."))


def _add_message(request: HttpRequest, outcome: Outcome) -> None:
    if outcome.kind == "duplicate" and outcome.asset:
        text, address = outcome.message, outcome.asset.get_absolute_url()
        look = format_html('<a href="{}">{}</a>', address, _("Open it"))
        messages.warning(request, format_html("{}: {} {}", outcome.file, text, look))
    elif outcome.kind in {"refused", "unsorted"}:
        messages.error(request, f"{outcome.file}: {outcome.message}")
    elif outcome.alike:
        names = ", ".join(asset.name for asset in outcome.alike)
        text = _("%(file)s looks like what is there already: %(names)s.")
        messages.info(request, text % {"file": outcome.file, "names": names})
