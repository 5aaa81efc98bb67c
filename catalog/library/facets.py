"""The filters of the library: what can be chosen, and which rows a choice keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Asset, Collection, Garment, Person, Tag

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# In the address, what has no word at all: no tag, not measured.
NONE = "none"


@dataclass(frozen=True)
class Facet:
    """One filter: its `name` in the address, what can be chosen, and `keep`, which narrows rows.

    Choices are those listed; or the rows of a model, by their ids; or, with neither, whatever
    words the column has. Choices of a `column` are counted by it. `menu`: too many for chips.
    """

    name: str
    label: StrOrPromise
    keep: Callable[[Any, str], Any]
    choices: Sequence[tuple[str, StrOrPromise]] = ()
    model: type[Model] | None = None
    column: str = ""
    icon: str = ""
    menu: bool = False

    def word(self, value: Any) -> str:
        """A column's value as the address has it."""
        return str(value) or NONE


def _by_column(name: str, label: StrOrPromise, column: str, **kwargs: Any) -> Facet:
    def keep(rows: Any, value: str) -> Any:
        return rows.filter(**{column: "" if value == NONE else value})

    return Facet(name, label, keep, column=column, **kwargs)


def _by_tag(rows: Any, value: str) -> Any:
    return rows.untagged() if value == NONE else rows.filter(tags=value)


FINDINGS = _by_column(
    *("findings", _("Findings"), "verdict"),
    choices=[*Asset.Verdict.choices[::-1], (NONE, _("Not measured yet"))],
    icon="attention",
    menu=True,
)
TAG = Facet(
    *("tag", _("Tag"), _by_tag),
    choices=[(NONE, _("Untagged"))],
    model=Tag,
    icon="tag",
    menu=True,
)
USAGE = Facet(
    *("usage", _("Usage"), lambda rows, value: rows.used() if value == "used" else rows.unused()),
    choices=[("used", _("Used in try-ons")), ("unused", _("Never used"))],
    icon="batch",
    menu=True,
)
# Chosen or not, it decides: the library without a word on it is what is in use.
ARCHIVED = Facet(
    *("archived", _("Archive"), lambda rows, value: rows if value == "all" else rows.archived()),
    choices=[("yes", _("Archived")), ("all", _("With the archived"))],
    icon="archive",
    menu=True,
)
FACETS: dict[type[Asset], list[Facet]] = {
    Garment: [
        _by_column("slot", _("Slot"), "slot", choices=Garment.Slot.choices),
        _by_column("type", _("Photo type"), "photo_type", choices=Garment.PhotoType.choices),
        FINDINGS,
        Facet(
            *("collection", _("Collection")),
            lambda rows, value: rows.filter(collections=value),
            model=Collection,
            icon="sheet",
            menu=True,
        ),
        _by_column("season", _("Season"), "season", icon="sun", menu=True),
        TAG,
        USAGE,
        ARCHIVED,
    ],
    Person: [
        _by_column("gender", _("Gender"), "gender", choices=Person.Gender.choices),
        _by_column("body", _("Body"), "body", choices=Person.Body.choices),
        # "view" is how the library itself is looked at.
        _by_column("framing", pgettext_lazy("photo", "View"), "view", choices=Person.View.choices),
        _by_column(
            *("consent", _("Consent"), "consent_state"),
            choices=Person.ConsentState.choices,
            icon="person",
            menu=True,
        ),
        FINDINGS,
        TAG,
        USAGE,
        ARCHIVED,
    ],
}
