"""Approved results, newest first, filtered by links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from catalog.models import Garment, Person
from galleries.models import Gallery
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.models.result import ResultQuerySet
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import KeysetPage
from providers import registry

PAGE_SIZE = 48
# A menu longer than this helps nobody; the newest come first.
MENU_SIZE = 40
# What a menu shows of a row; facts and findings would be most of what the page loads.
MENU_FIELDS = ("name", "thumb", "width", "height")


@dataclass(frozen=True)
class Menu:
    """One filter: its name in the address, its options, and the chosen one."""

    name: str
    label: str
    icon: str
    options: list[Any]
    chosen: Any
    query: QueryDict

    def links(self) -> list[tuple[Any, str, str]]:
        """Each option, its label, and the address that chooses it and keeps the other filters."""
        others = self._other_filters()
        joined = others + "&" * (len(others) > 1)
        return [
            (o, self.label_of(o), f"{joined}{urlencode({self.name: self.value(o)})}")
            for o in self.options
        ]

    def chosen_label(self) -> str:
        return self.label_of(self.chosen)

    def label_of(self, option: Any) -> str:
        return registry.provider_name(option.alias) if self.name == "provider" else str(option)

    def without(self) -> str:
        return self._other_filters()

    def value(self, option: Any) -> str:
        return option.alias if self.name == "provider" else str(option.pk)

    def _other_filters(self) -> str:
        query = self.query.copy()
        for name in ("before", "after", self.name):
            query.pop(name, None)
        return f"?{query.urlencode()}"


@login_required
@require_safe
def gallery(request: AuthenticatedRequest) -> HttpResponse:
    menus = [_provider_menu(request), _person_menu(request), _garment_menu(request)]
    results = Result.objects.for_gallery()
    for menu in menus:
        results = _filter_by_menu(results, menu)
    # Of one person or garment there are few enough to sort; of a provider there are not.
    few = any(menu.chosen for menu in menus if menu.name != "provider")
    page = KeysetPage(request, results, PAGE_SIZE, sort_all=few)
    context = {
        "page": page,
        "menus": menus,
        "filtered": any(menu.chosen for menu in menus),
        "targets": Gallery.objects.addable_by(request.user),
        "to": request.GET.get("to", ""),
        "section": "gallery",
    }
    return render(request, "review/approved.html", context)


def _filter_by_menu(results: ResultQuerySet, menu: Menu) -> ResultQuerySet:
    if menu.chosen is None:
        return results
    if menu.name == "garment":
        return results.of_garment(menu.chosen.pk)
    field = {"person": "job__person", "provider": "job__account"}[menu.name]
    return results.filter(**{field: menu.chosen})


def _provider_menu(request: AuthenticatedRequest) -> Menu:
    accounts = list(ProviderAccount.objects.all())
    wanted = request.GET.get("provider")
    chosen = next((account for account in accounts if account.alias == wanted), None)
    return Menu("provider", _("Provider"), "plug", accounts, chosen, request.GET)


def _person_menu(request: AuthenticatedRequest) -> Menu:
    persons = Person.objects.team_owned().filter(_has_approved_result(Q(person=OuterRef("pk"))))
    options, chosen = _options_and_chosen(request, "person", persons)
    return Menu("person", pgettext("person", "Model"), "person", options, chosen, request.GET)


def _garment_menu(request: AuthenticatedRequest) -> Menu:
    worn = [Q(**{slot: OuterRef("pk")}) for slot in Garment.Slot.values]
    garments = Garment.objects.filter(
        _has_approved_result(worn[0])
        | _has_approved_result(worn[1])
        | _has_approved_result(worn[2])
    )
    options, chosen = _options_and_chosen(request, "garment", garments)
    return Menu("garment", _("Garment"), "garment", options, chosen, request.GET)


def _has_approved_result(condition: Q) -> Q:
    """Match rows with an approved result of a job that fits `condition`."""
    approved = Result.objects.final().filter(review=Result.Review.APPROVED, job=OuterRef("pk"))
    jobs = TryOnJob.objects.filter(condition).filter(Exists(approved))
    return Q(Exists(jobs.annotate(found=F("pk")).values("found")))


def _options_and_chosen(
    request: AuthenticatedRequest, name: str, rows: QuerySet
) -> tuple[list[Model], Model | None]:
    """Return the menu's options and the one that the address chooses; unknown ids choose none."""
    options = list(rows.order_by("-id").only(*MENU_FIELDS)[:MENU_SIZE])
    wanted = request.GET.get(name, "")
    if not wanted.isdecimal() or len(wanted) > 18:
        return options, None
    listed = next((row for row in options if row.pk == int(wanted)), None)
    team_owned = rows.model.objects.team_owned()
    return options, listed or team_owned.filter(pk=int(wanted)).first()
