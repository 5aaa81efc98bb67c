"""What the contact sheet shows: its filters, order and groups, all of them in the address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db.models import Count, QuerySet
from django.db.models import Value as V
from django.db.models.functions import Concat
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.models import Garment, Person
from jobs.models import Batch, ProviderAccount, Result, TryOnJob
from jobs.models.result import ResultQuerySet
from portal.paging import KeysetPage, parse_id
from review.views.approved import MENU_FIELDS, MENU_SIZE, Menu

# Of a provider with fewer try-ons, sorting them all is cheaper than finding them among all others.
FEW_JOBS = 5000
ORDERS = ("newest", "oldest")
GROUPS = ("person", "outfit")
# What a tile shows; findings, facts and recipes would be most of what the page loads.
TILE_FIELDS = ("review", "published_at", "warnings", "thumb", "width", "height", "role")
NAME_FIELDS = ("job__person__name", "job__top__name", "job__bottom__name", "job__dress__name")


@dataclass(frozen=True)
class Chip:
    """A filter that is a link; `count` is None where counting would take too long."""

    label: str
    icon: str
    address: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Group:
    """Tiles under one heading; without a `title` they are all of the page."""

    title: str
    total: int
    rows: list[Result]


class SheetSearch:
    """The filters, order and grouping in an address; unknown values choose nothing."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.review = _if_known(query.get("review", ""), Result.Review.values)
        self.published = query.get("published") == "yes"
        self.order = _if_known(query.get("order", ""), ORDERS) or ORDERS[0]
        self.menus = [
            self._menu("batch", _("Batch"), "batch", Batch.objects.team_owned().only("name")),
            self._menu(
                "person",
                pgettext("person", "Model"),
                "person",
                Person.objects.team_owned().only(*MENU_FIELDS),
            ),
            self._menu("garment", _("Garment"), "garment", Garment.objects.only(*MENU_FIELDS)),
            self._provider(),
        ]
        self.chosen = {menu.name: menu.chosen for menu in self.menus}
        self.batch: Batch | None = self.chosen["batch"]
        self.group_by = _if_known(query.get("by", ""), GROUPS) if self.batch else ""
        self.with_warnings = query.get("warnings") == "yes" and self.is_narrow

    @property
    def is_narrow(self) -> bool:
        """Whether so few are left that each of them can be looked at: there is no index of all."""
        some = any(self.chosen[name] for name in ("batch", "person", "garment"))
        return some or self.review == Result.Review.PENDING

    @property
    def filtered(self) -> bool:
        return bool(
            self.review or self.published or self.with_warnings or any(self.chosen.values())
        )

    def address(self, **changes: str) -> str:
        """This page with some filters changed, from its first page on; "" takes one away."""
        query = self.query.copy()
        for name in ("before", "after", *changes):
            query.pop(name, None)
        query.update({name: value for name, value in changes.items() if value})
        return f"?{query.urlencode()}"

    def page(self, size: int) -> KeysetPage:
        rows = self.rows()
        if self.group_by:
            order = (("group", "id"), self.order == "newest")
            all_rows = Result.objects.with_group(self.group_by)
            return KeysetPage(self.query, rows, size, order, all_rows=all_rows)
        return KeysetPage(self.query, rows, size, self.order, sort_all=self._are_few())

    def rows(self) -> QuerySet:
        rows = self._filter_by_menus(Result.objects.final())
        if self.group_by:
            rows = rows.with_group(self.group_by)
        if self.review:
            rows = self._filter_by_review(rows)
        if self.published:
            rows = rows.filter(review=Result.Review.APPROVED, published_at__isnull=False)
        if self.with_warnings:
            rows = rows.exclude(warnings=[])
        names = ("job__person", "job__top", "job__bottom", "job__dress")
        return rows.select_related(*names).only(*TILE_FIELDS, *NAME_FIELDS)

    def _filter_by_review(self, rows: ResultQuerySet) -> ResultQuerySet:
        """Where few are left, compare each: the index on review would find everybody's."""
        if any(self.chosen[name] for name in ("batch", "person", "garment")):
            return rows.alias(review_text=Concat("review", V(""))).filter(review_text=self.review)
        return rows.filter(review=self.review)

    def _filter_by_menus(self, rows: ResultQuerySet) -> ResultQuerySet:
        fields = {"batch": "job__batch", "person": "job__person", "provider": "job__account"}
        for name, field in fields.items():
            if chosen := self.chosen[name]:
                rows = rows.filter(**{field: chosen})
        garment = self.chosen["garment"]
        return rows.of_garment(garment.pk) if garment else rows

    def _are_few(self) -> bool:
        if any(self.chosen[name] for name in ("batch", "person", "garment")):
            return True
        account = self.chosen["provider"]
        if account is None or self.review == Result.Review.PENDING:
            return False
        jobs = TryOnJob.objects.filter(account=account).order_by()
        return len(jobs.values_list("pk", flat=True)[:FEW_JOBS]) < FEW_JOBS

    # --- what the page shows of it ---

    def chips(self) -> list[Chip]:
        """The filters by review state, with their numbers within a batch."""
        n = self._counts()
        labels = {"pending": _("Pending"), "approved": _("Approved"), "rejected": _("Rejected")}
        addresses = {state: self.address(published="", review=state) for state in labels}
        chips = [
            Chip(_("All"), "", self.address(published="", review=""), not self._state, n.get("")),
            *(
                Chip(label, state, addresses[state], self.review == state, n.get(state))
                for state, label in labels.items()
            ),
        ]
        shown = self.address(review="", published="yes")
        published = Chip(_("Published"), "published", shown, self.published, n.get("published"))
        chips.insert(3, published)
        return chips

    @property
    def _state(self) -> str:
        return self.review or ("published" if self.published else "")

    def _counts(self) -> dict[str, int]:
        if not self.batch:
            return {}
        rows = Result.objects.final().filter(job__batch=self.batch).order_by()
        found = dict.fromkeys(("", *Result.Review.values, "published"), 0)
        counted = rows.values_list("review").annotate(n=Count("*"), shown=Count("published_at"))
        for review, n, shown in counted:
            found[review] = n
            found[""] += n
            found["published"] += shown
        return found

    def toggles(self) -> list[Chip]:
        """Grouping and the filter for warnings, as links that switch them on and off."""
        labels = {"person": _("By model"), "outfit": _("By outfit")}
        icons = {"person": "person", "outfit": "outfit"}
        chips = [
            Chip(
                label,
                icons[by],
                self.address(by="" if self.group_by == by else by),
                self.group_by == by,
            )
            for by, label in labels.items()
            if self.batch
        ]
        if self.is_narrow:
            turned = self.address(warnings="" if self.with_warnings else "yes")
            chips.append(Chip(_("With warnings"), "attention", turned, self.with_warnings))
        return chips

    def groups(self, rows: Iterable[Result]) -> list[Group]:
        rows = list(rows)
        if not self.group_by:
            return [Group("", len(rows), rows)] if rows else []
        return list(self._grouped(rows))

    def _grouped(self, rows: list[Result]) -> Iterator[Group]:
        group_of = attrgetter("group")
        all_rows = (
            self.rows().filter(group__in=set(map(group_of, rows))).select_related(None).order_by()
        )
        totals = dict(all_rows.values_list("group").annotate(n=Count("*")))
        for key, tiles in groupby(rows, group_of):
            found = list(tiles)
            job = found[0].job
            title = str(job.person) if self.group_by == "person" else job.outfit_name()
            yield Group(title, totals.get(key, len(found)), found)

    def _menu(self, name: str, label: str, icon: str, rows: QuerySet) -> Menu:
        options = list(rows.order_by("-id")[:MENU_SIZE])
        wanted = parse_id(self.query.get(name))
        listed = next((row for row in options if row.pk == wanted), None)
        chosen = listed or (rows.filter(pk=wanted).first() if wanted else None)
        return Menu(name, label, icon, options, chosen, self.query)

    def _provider(self) -> Menu:
        accounts = list(ProviderAccount.objects.all())
        wanted = self.query.get("provider")
        chosen = next((account for account in accounts if account.alias == wanted), None)
        return Menu("provider", _("Provider"), "plug", accounts, chosen, self.query)


def _if_known(text: str, known: Iterable[str]) -> str:
    return text if text in known else ""
