"""Approved results, newest first, filtered by links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from catalog.models import Garment, Person
from galleries.models import Gallery
from jobs.models import ProviderAccount, Result, TryOnJob
from portal.paging import KeysetPage

PAGE = 48
# A menu longer than this helps nobody; the newest come first.
MENU = 40
# What a menu shows of a row; facts and findings would be most of what the page loads.
SHOWN = ("name", "thumb", "width", "height")


@dataclass(frozen=True)
class Menu:
    """One filter: its name in the address, what can be chosen, and what is."""

    name: str
    label: str
    icon: str
    options: list[Any]
    chosen: Any
    query: QueryDict

    def links(self) -> list[tuple[Any, str]]:
        """Each option with the address that chooses it and keeps the other filters."""
        kept = self._kept()
        joined = kept + "&" * (len(kept) > 1)
        return [(o, f"{joined}{urlencode({self.name: self.value(o)})}") for o in self.options]

    def without(self) -> str:
        return self._kept()

    def value(self, option: Any) -> str:
        return option.alias if self.name == "provider" else str(option.pk)

    def _kept(self) -> str:
        query = self.query.copy()
        for name in ("before", "after", self.name):
            query.pop(name, None)
        return f"?{query.urlencode()}"


@login_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    menus = [_provider(request), _person(request), _garment(request)]
    results = Result.objects.for_gallery()
    for menu in menus:
        results = _narrowed(results, menu)
    # Of one person or garment there are few enough to sort; of a provider there are not.
    few = any(menu.chosen for menu in menus if menu.name != "provider")
    page = KeysetPage(request, results, PAGE, few=few)
    context = {
        "page": page,
        "menus": menus,
        "filtered": any(menu.chosen for menu in menus),
        "targets": Gallery.objects.to_add_to(request.user),
        "to": request.GET.get("to", ""),
        "section": "gallery",
    }
    return render(request, "review/approved.html", context)


def _narrowed(results: Any, menu: Menu) -> Any:
    if menu.chosen is None:
        return results
    if menu.name == "garment":
        return results.of_garment(menu.chosen.pk)
    field = {"person": "job__person", "provider": "job__account"}[menu.name]
    return results.filter(**{field: menu.chosen})


def _provider(request: HttpRequest) -> Menu:
    accounts = list(ProviderAccount.objects.all())
    wanted = request.GET.get("provider")
    chosen = next((account for account in accounts if account.alias == wanted), None)
    return Menu("provider", _("Provider"), "plug", accounts, chosen, request.GET)


def _person(request: HttpRequest) -> Menu:
    persons = Person.objects.team_owned().filter(_shown_for(Q(person=OuterRef("pk"))))
    options, chosen = _choice(request, "person", persons)
    return Menu("person", pgettext("person", "Model"), "person", options, chosen, request.GET)


def _garment(request: HttpRequest) -> Menu:
    worn = [Q(**{slot: OuterRef("pk")}) for slot in Garment.Slot.values]
    garments = Garment.objects.filter(
        _shown_for(worn[0]) | _shown_for(worn[1]) | _shown_for(worn[2])
    )
    options, chosen = _choice(request, "garment", garments)
    return Menu("garment", _("Garment"), "garment", options, chosen, request.GET)


def _shown_for(condition: Q) -> Q:
    """That an approved result of a matching job exists."""
    approved = Result.objects.final().filter(review=Result.Review.APPROVED, job=OuterRef("pk"))
    jobs = TryOnJob.objects.filter(condition).filter(Exists(approved))
    return Q(Exists(jobs.annotate(found=F("pk")).values("found")))


def _choice(request: HttpRequest, name: str, rows: QuerySet) -> tuple[list[Model], Model | None]:
    """What the menu offers, and what the address has chosen; unknown numbers choose nothing."""
    options = list(rows.order_by("-id").only(*SHOWN)[:MENU])
    wanted = request.GET.get(name, "")
    if not wanted.isdecimal() or len(wanted) > 18:
        return options, None
    listed = next((row for row in options if row.pk == int(wanted)), None)
    house = rows.model.objects.team_owned()
    return options, listed or house.filter(pk=int(wanted)).first()
