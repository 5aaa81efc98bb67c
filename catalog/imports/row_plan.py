"""One row of a list: what it would do to the library, and then doing it.

`plan` reads and decides, `Plan.write` writes within the caller's transaction; between the two the
caller has the photo decoded and stored, as that takes time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import consent
from catalog.imports.columns import CONSENT, GARMENT, LISTS, NOTHING, PERSON, RowValues
from catalog.imports.messages import in_any_language, kept, of_invalid
from catalog.models import Collection, Garment, Person, Tag
from catalog.models.asset import UNMEASURED
from catalog.photos.add import OnDuplicate, find_same, save_new
from catalog.photos.refusals import Refused

MANGLED = re.compile(r"\d(\.\d+)?E\+\d+", re.ASCII)
_CHOICES: dict[str, Any] = {
    "slot": Garment.Slot,
    "photo_type": Garment.PhotoType,
}

Outcome = Literal["created", "updated", "unchanged"]


class Invalid(Refused):
    """An attribute that the model does not take; already a kept sentence."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__("invalid", problem["text"], **problem["values"])


@dataclass
class Plan:
    """`asset` is not saved yet where it is `created`."""

    outcome: Outcome
    asset: Any
    changes: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    remark: dict[str, Any] = field(default_factory=dict)
    # The terms of a consent to record, as keywords of consent.record_if_missing.
    consent: dict[str, Any] = field(default_factory=dict)

    @property
    def wants_photo(self) -> bool:
        return self.outcome == "created"

    def write(self, by: User | None, photo: dict[str, Any] | None = None) -> None:
        """Save it, in a transaction of the caller's; `photo` is what `store` returned.

        Becomes `unchanged` where the same photo was added meanwhile. Raises Refused where another
        import has taken the SKU meanwhile.
        """
        try:
            if photo is not None and not self._insert(by, photo):
                return
            if self.changes:
                type(self.asset).objects.filter(pk=self.asset.pk).update(**self.changes)
            if self.consent:
                consent.record_if_missing(self.asset, by, **self.consent)
        except IntegrityError as error:
            text = _("The SKU {sku} was taken by another import just now. Try this row again.")
            raise Refused("sku_taken", text, sku=self.asset.sku) from error
        for name, words in sorted(self.lists.items()):
            relation, rows = getattr(self.asset, name), _rows(name, words)
            if photo is None:
                relation.set(rows)
            else:
                relation.add(*rows)

    def _insert(self, by: User | None, photo: dict[str, Any]) -> bool:
        """Insert the asset, or take the one with the same photo; return whether it is new."""
        wanted = self.asset
        wanted.set_photo(photo)
        self.asset = save_new(wanted, on_duplicate=OnDuplicate.REUSE, by=by, wake_measuring=False)
        if self.asset is not wanted:
            self.outcome = "unchanged"
        return self.asset is wanted


def plan(
    given: RowValues,
    sha256: str = "",
    *,
    folder: str = "",
    name: str = "",
    defaults: RowValues | None = None,
    may: Callable[[str], bool] = lambda permission: True,
) -> Plan:
    """What a row does to the library; `sha256` is its photo's, "" where it brings none.

    `folder` may say what it is, and `name` and `defaults` fill what is not given for a new garment.
    Raises Refused, and then there is nothing to do.
    """
    kind = _kind(given, folder)
    if kind == "person":
        return _plan_person({"name": name} | given, sha256, may)
    wanted = _attributes(given | ({"slot": kind} if kind else {}))
    lists: dict[str, list[str]] = {name: given[name] for name in LISTS if name in given}
    found = _existing(wanted, sha256 or given.get("sha256", ""), wanted.get("slot"))
    if found is None:
        if not sha256:
            raise _no_photo(wanted)
        return _creation(
            {"name": name or wanted.get("sku", "")} | wanted, lists, defaults or {}, may
        )
    if sha256 and sha256 != found.sha256:
        raise _other_photo(found)
    return _change(found, wanted, lists, given, may)


def _kind(given: RowValues, folder: str) -> str:
    """person, a slot, or "" where nothing says it."""
    for word in (given.get("slot"), given.get("kind"), folder):
        if word and word != "garment":
            return _choice("slot", str(word), extra={"person"})
    return ""


def _choice(name: str, word: str, extra: set[str] | frozenset[str] = frozenset()) -> str:
    """The value of a choice, which may be written as it is shown in any language."""
    wanted = word.strip().casefold()
    for value, label in _CHOICES[name].choices:
        if wanted == value or wanted in in_any_language(label):
            return value
    if wanted in extra:
        return wanted
    known = ", ".join([*_CHOICES[name].values, *sorted(extra)])
    text = _("{column} may be {known}, not “{found}”. Write one of them.")
    raise Refused(f"unknown_{name}", text, column=name, known=known, found=word[:60])


def _attributes(given: RowValues) -> dict[str, Any]:
    wanted = {name: given[name] for name in GARMENT if name in given}
    if "photo_type" in wanted:
        wanted["photo_type"] = _choice("photo_type", wanted["photo_type"])
    for name in ("sku", "season"):
        if wanted.get(name) == NOTHING:
            wanted[name] = ""
    if MANGLED.fullmatch(wanted.get("sku", "")):
        text = _(
            "A spreadsheet turned the SKU into {sku}. Make the column text and write it again."
        )
        raise Refused("sku_mangled", text, sku=wanted["sku"])
    return wanted


def _existing(wanted: dict[str, Any], sha256: str, slot: str | None) -> Garment | None:
    """By its SKU; else by its very photo, where that is not another SKU's."""
    sku = wanted.get("sku")
    if sku and (found := Garment.objects.filter(sku=sku).first()):
        return found
    if not sha256:
        return None
    return find_same(Garment, sha256, slot=slot or "", sku=sku or "", name=wanted.get("name", ""))


def _creation(
    wanted: dict[str, Any],
    lists: dict[str, list[str]],
    defaults: RowValues,
    may: Callable[[str], bool],
) -> Plan:
    _check(may, "catalog.add_garment", _("You may not add garments. Ask an administrator."))
    mine = {name: defaults[name] for name in (*GARMENT, *lists) if defaults.get(name)}
    wanted = {**{name: mine[name] for name in GARMENT if name in mine}, **wanted}
    for name in LISTS:
        if name not in lists and defaults.get(name):
            lists[name] = list(defaults[name])
    if not wanted.get("slot"):
        text = _(
            "Nothing says whether this is a top, a bottom or a dress: name its slot, "
            "or put the photo into a folder of that name."
        )
        raise Refused("unknown_kind", text)
    asset = Garment(**wanted)
    _clean(asset)
    return Plan("created", asset, lists=_checked(lists))


def _change(
    found: Garment,
    wanted: dict[str, Any],
    lists: dict[str, list[str]],
    given: RowValues,
    may: Callable[[str], bool],
) -> Plan:
    changes = {
        name: value for name, value in wanted.items() if value != getattr(found, name).strip()
    }
    changes |= _archiving(found, given.get("archived", ""))
    lists = {
        name: words
        for name, words in _checked(lists).items()
        if set(words) != {each.name.strip() for each in getattr(found, name).all()}
    }
    if not changes and not lists:
        return _unchanged(found, given)
    _check(may, "catalog.change_garment", _("You may not change garments. Ask an administrator."))
    names = ", ".join(sorted({*changes, *lists}))
    for name, value in changes.items():
        setattr(found, name, value)
    _clean(found)
    if "slot" in changes or "photo_type" in changes:
        # What is measured of a garment's photo depends on what it is a photo of.
        found.judge()
        changes |= {"verdict": found.verdict} | UNMEASURED
    return Plan(
        "updated", found, changes, lists, kept(_("Changed: {columns}."), {"columns": names})
    )


def _archiving(found: Garment, word: str) -> dict[str, Any]:
    wanted = {"yes": True, "no": False}.get(word.casefold())
    if wanted is None or wanted == (found.archived_at is not None):
        return {}
    return {"archived_at": timezone.now() if wanted else None}


def _plan_person(given: RowValues, sha256: str, may: Callable[[str], bool]) -> Plan:
    _check(may, "catalog.add_person", _("You may not add models. Ask an administrator."))
    if not sha256:
        raise Refused(
            "no_photo", _("A person needs a photo. Put it into the ZIP and name its file.")
        )
    _check_consent(given)
    if found := find_same(Person, sha256, name=given.get("name", "")):
        return _consent_to(found, given, may)
    asset = Person(**{name: given[name] for name in PERSON if name in given})
    _clean(asset)
    return Plan("created", asset, lists=_checked({k: given[k] for k in ("tags",) if k in given}))


def _check_consent(given: RowValues) -> None:
    scope = given.get("consent_scope", "")
    if scope and scope not in Person.Consent.values:
        text = _("consent_scope “{found}” is not known. Write {known}, or leave it out.")
        known = ", ".join(Person.Consent.values)
        raise Refused("unknown_consent", text, found=scope, known=known)


def _consent_to(found: Person, given: RowValues, may: Callable[[str], bool]) -> Plan:
    """What a list says of consent counts where nobody has recorded or withdrawn any; all else of
    a person is changed by people who look at the photo."""
    values = {name: given[name] for name in CONSENT if name in given}
    if values:
        _clean(Person(**values), only=values)
    open_ = not found.consent_scope and found.consent_withdrawn_at is None
    if not values.get("consent_scope") or not open_:
        return _unchanged(found, given)
    _check(may, "catalog.change_person", _("You may not change models. Ask an administrator."))
    remark = kept(_("Changed: {columns}."), {"columns": ", ".join(values)})
    terms = {name.removeprefix("consent_"): value for name, value in values.items()}
    return Plan("updated", found, remark=remark, consent=terms)


def _unchanged(found: Any, given: RowValues) -> Plan:
    """An import restores nothing unless the list says so; the remark names what stays archived."""
    if not found.archived_at or given.get("archived"):
        return Plan("unchanged", found)
    text = _("It is in the archive, and stays there. Restore it in the library to use it.")
    return Plan("unchanged", found, remark=kept(text, {}))


def _check(may: Callable[[str], bool], permission: str, text: Any) -> None:
    if not may(permission):
        raise Refused("not_allowed", text)


def _clean(asset: Any, only: Iterable[str] = ()) -> None:
    fields = [field.name for field in asset._meta.fields]
    leave = {name for name in fields if name not in only} if only else type(asset).PHOTO_FIELDS
    try:
        # What constraints forbid is found by the database when it is written, at no extra query.
        asset.clean_fields(exclude=leave)
    except ValidationError as error:
        [name, problem] = next(iter(error.error_dict.items()))
        raise Invalid(of_invalid(name, problem[0])) from error


def _checked(lists: dict[str, list[str]]) -> dict[str, list[str]]:
    """Words that fit their columns; a single minus sign means none."""
    for name, words in lists.items():
        longest = _models()[name]._meta.get_field("name").max_length
        for word in words:
            if len(word) > longest:
                text = _("“{word}…” is longer than the {limit} characters that {column} may have.")
                raise Refused("too_long", text, word=word[:30], limit=longest, column=name)
    return {name: [] if words == [NOTHING] else words for name, words in lists.items()}


def _models() -> dict[str, Any]:
    return {"collections": Collection, "tags": Tag}


def _rows(name: str, words: list[str]) -> list[Any]:
    # In one order everywhere: two imports that make the same words must not wait for each other.
    return [_models()[name].objects.get_or_create(name=word)[0] for word in sorted(words)]


def _no_photo(wanted: dict[str, Any]) -> Refused:
    if wanted.get("sku"):
        text = _(
            "No garment has the SKU {sku}, and the row brings no photo. "
            "Add a photo_url, or import a ZIP with the photo in it."
        )
        return Refused("no_photo", text, sku=wanted["sku"])
    text = _("The row names neither a SKU that is known nor a photo. Give it one of both.")
    return Refused("no_photo", text)


def _other_photo(found: Garment) -> Refused:
    text = _(
        "{sku} has another photo in the library, and a garment keeps its photo, as try-ons refer "
        "to it. Nothing was changed. Give the new photo a SKU of its own, or leave it out to "
        "change the other columns."
    )
    return Refused("other_photo", text, sku=found.sku or found.name)
