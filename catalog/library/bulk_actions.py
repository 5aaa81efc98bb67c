"""What can be done with many assets at once, and with which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.library.admin_log import CHANGE, DELETION, record
from catalog.library.search import Search
from catalog.models import Asset, Collection, Tag
from portal.paging import parse_id

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# So many ids fit into one statement on every database.
CHUNK = 1000


class Selection:
    """The assets that somebody ticked, or all that match an address's filters."""

    def __init__(self, model: type[Asset], post: QueryDict, on: date) -> None:
        self.model = model
        if post.get("all"):
            rows = Search(model, QueryDict(post.get("query", "")), on).rows()
        else:
            rows = model.objects.team_owned().filter(
                pk__in=[parse_id(n) for n in post.getlist("ids")]
            )
        # Kept as ids: what is done with them may change what the filters match.
        self.ids: list[int] = list(rows.order_by("-id").values_list("pk", flat=True))

    def __len__(self) -> int:
        return len(self.ids)

    def chunks(self) -> Iterator[Any]:
        """The rows, some at a time, each as a queryset."""
        for at in range(0, len(self.ids), CHUNK):
            yield self.model._default_manager.filter(pk__in=self.ids[at : at + CHUNK])

    def rows(self, among: Callable[[Any], Any]) -> list[Any]:
        return [row for chunk in self.chunks() for row in among(chunk)]


class ActForm(forms.Form):
    """What the bar asks for; each act needs one of these fields, or none."""

    tag = forms.CharField(max_length=40, required=False)
    untag = forms.ModelChoiceField(Tag.objects.all(), required=False)
    collection = forms.ModelChoiceField(Collection.objects.all(), required=False)
    new_collection = forms.CharField(max_length=120, required=False)
    release = forms.ModelChoiceField(Collection.objects.all(), required=False)
    season = forms.CharField(max_length=20, required=False)


@dataclass(frozen=True)
class Act:
    """`do(rows, values)` changes rows, `column` is what the history says was changed.

    `missing`: what to say where none of the `needs` was given; acts without needs take anything.
    """

    do: Callable[[Any, dict[str, Any]], Any]
    column: str
    needs: Sequence[str] = ()
    missing: StrOrPromise = ""

    def lacks(self, values: dict[str, Any]) -> bool:
        return bool(self.needs) and not any(values.get(name) for name in self.needs)


ACTS = {
    "tag": Act(
        lambda rows, values: rows.tag(values["tag"]),
        *("tags", ["tag"], _("Say which tag: a word of your own.")),
    ),
    "untag": Act(
        lambda rows, values: rows.untag(values["untag"]),
        *("tags", ["untag"], _("Choose the tag to take off.")),
    ),
    "collect": Act(
        lambda rows, values: rows.collect(values["collection"]),
        *("collections", ["collection", "new_collection"]),
        _("Choose a collection, or name a new one."),
    ),
    "release": Act(
        lambda rows, values: rows.release(values["release"]),
        *("collections", ["release"], _("Choose the collection to take them out of.")),
    ),
    "season": Act(lambda rows, values: rows.update(season=values["season"]), "season"),
    "archive": Act(lambda rows, values: rows.archive(), "archived"),
    "restore": Act(lambda rows, values: rows.restore(), "archived"),
}
# Persons are in no collection and of no season.
GARMENTS_ONLY = {"collect", "release", "season"}


def apply(name: str, selection: Selection, values: dict[str, Any], by: Any) -> None:
    """Do one of ACTS to all of the selection, or to none of it."""
    act = ACTS[name]
    with transaction.atomic():
        values = values | _made(name, values)
        for rows in selection.chunks():
            named = list(rows.only("name"))
            act.do(rows, values)
            record(by, named, CHANGE, [{"changed": {"fields": [act.column]}}])


def _made(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Rows for the words that were given: tags and collections are made when first named."""
    if name == "tag":
        return {"tag": Tag.objects.get_or_create(name=values["tag"])[0]}
    if name == "collect" and values["new_collection"]:
        return {"collection": Collection.objects.get_or_create(name=values["new_collection"])[0]}
    return {}


def erase_unused(selection: Selection, by: Any) -> int:
    """Delete those that no try-on refers to; return how many. Raises ProtectedError, see erase."""
    n = 0
    with transaction.atomic():
        for rows in selection.chunks():
            free = rows.unused()
            named = list(free.only("name"))
            record(by, named, DELETION)
            free.filter(pk__in=[row.pk for row in named]).erase()
            n += len(named)
    return n
