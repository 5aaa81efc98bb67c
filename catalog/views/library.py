"""The library as a grid or a list: searched, filtered and paged by its address."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog import badges
from catalog.forms import ACCEPT
from catalog.library.search import MENU, ORDER_WORDS, Search
from catalog.models import Asset, Collection, Garment, Person, Tag
from portal.paging import KeysetPage

PAGE = 48
LOOKS = ("grid", "list")


@login_required
@permission_required("catalog.view_garment", raise_exception=True)
@require_safe
def garments(request: HttpRequest) -> HttpResponse:
    return _library(request, Garment)


@login_required
@permission_required("catalog.view_person", raise_exception=True)
@require_safe
def persons(request: HttpRequest) -> HttpResponse:
    return _library(request, Person)


def _library(request: HttpRequest, model: type[Asset]) -> HttpResponse:
    search = Search(model, request.GET, timezone.localdate())
    look = _look(request)
    rows = search.rows()
    if look == "list":
        rows = rows.prefetch_related(*("tags", "collections")[: 2 if model is Garment else 1])
    page = KeysetPage(request, rows, PAGE, search.order, ids_first=bool(search.text))
    kind = str(model._meta.model_name)
    context = {
        "kind": kind,
        "section": f"{kind}s",
        "search": search,
        "orders": ORDER_WORDS,
        "menus": search.menus(),
        "without_text": search.address(q=""),
        "page": page,
        "cards": [(asset, badges.of_worst(asset), _consent(asset)) for asset in page.rows],
        "look": look,
        "is_all": not (page.older or page.newer),
        "accept": ACCEPT,
        "slots": Garment.Slot.choices,
        "consents": Person.Consent.choices,
        "may": permissions(request, kind),
        "tags": Tag.objects.all()[:MENU],
        "collections": Collection.objects.all()[:MENU] if model is Garment else [],
    }
    return render(request, "catalog/library.html", context)


def permissions(request: HttpRequest, kind: str) -> dict[str, bool]:
    """What the page may offer to this user."""
    verbs = ("add", "change", "delete")
    may = {verb: request.user.has_perm(f"catalog.{verb}_{kind}") for verb in verbs}
    return may | {"launch": request.user.has_perm("jobs.add_batch")}


def _look(request: HttpRequest) -> str:
    """Grid or list: as the address says, else as last time."""
    asked = request.GET.get("view", "")
    if asked in LOOKS and request.session.get("library_view", LOOKS[0]) != asked:
        request.session["library_view"] = asked
    return asked if asked in LOOKS else request.session.get("library_view", LOOKS[0])


def _consent(asset: Asset) -> badges.Badge | None:
    """The mark of a consent that a try-on would stumble over."""
    state = getattr(asset, "consent_state", Person.ConsentState.FINE)
    return None if state == Person.ConsentState.FINE else badges.of_consent(state)
